//! Every text of the page, in every language of the page: one row each, in the order English, French, Swahili.

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Français.
    French,
    /// Kiswahili.
    Swahili,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::French, Self::Swahili];

    /// Its code, as documents and browsers write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Swahili => "sw",
        }
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
            Self::Swahili => "Kiswahili",
        }
    }

    /// The language of a code such as `fr-CH`, where the page speaks it.
    pub fn of(code: &str) -> Option<Self> {
        let first = code.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.code() == first)
    }
}

macro_rules! texts {
    ($($name:ident: $english:literal, $french:literal, $swahili:literal;)*) => {
        /// A text of the page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each says itself what it is")]
        pub enum Text { $($name),* }

        impl Text {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The text in a language.
            pub fn say(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::English) => $english,
                    (Self::$name, Language::French) => $french,
                    (Self::$name, Language::Swahili) => $swahili,)*
                }
            }
        }
    };
}

impl Text {
    /// The text with `{}` filled in, in order.
    pub fn fill(self, language: Language, values: &[&str]) -> String {
        let mut text = String::new();
        let mut values = values.iter();
        let mut parts = self.say(language).split("{}");
        text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            text.push_str(values.next().copied().unwrap_or_default());
            text.push_str(part);
        }
        text
    }
}

texts! {
    About: "About", "À propos", "Kuhusu";
    AllLevels: "All levels", "Tous les niveaux", "Viwango vyote";
    AllSteps: "All steps", "Toutes les échéances", "Hatua zote";
    AllVariables: "All variables", "Toutes les variables", "Vigezo vyote";
    Attribution: "Data", "Données", "Data";
    Base: "Address of your mirror", "Adresse de votre miroir", "Anwani ya kioo chako";
    BaseHint: "A root that has the archive's own layout below it, https://…", "Une racine sous laquelle se trouve l'arborescence de l'archive, https://…", "Mzizi wenye mpangilio wa hifadhi chini yake, https://…";
    Build: "References", "Références", "Marejeleo";
    BuiltFrom: "Names and grid: {}. {} headers were read and agree.", "Noms et grille : {}. {} en-têtes ont été lus et concordent.", "Majina na gridi: {}. Vichwa {} vimesomwa na vinakubaliana.";
    Bytes: "Bytes", "Octets", "Baiti";
    BytesGap: "bytes {} to {} ({}): claimed by no message listed here", "octets {} à {} ({}) : d'aucun message listé ici", "baiti {} hadi {} ({}): si za ujumbe wowote ulioorodheshwa hapa";
    BytesGaps: "Gaps ({})", "Trous ({})", "Mapengo ({})";
    BytesGapShort: "no message", "aucun message", "hakuna ujumbe";
    BytesHow: "Arrow keys go from message to message, Enter opens one.", "Les flèches vont d'un message à l'autre, Entrée en ouvre un.", "Vitufe vya mishale huenda ujumbe hadi ujumbe, Enter hufungua.";
    BytesLargest: "Largest messages", "Plus grands messages", "Ujumbe mkubwa zaidi";
    BytesMore: "and {} more", "et {} autres", "na {} zaidi";
    BytesOpen: "{} messages whose length nobody says", "{} messages dont personne ne dit la longueur", "Ujumbe {} ambao urefu wake haujulikani";
    BytesOthers: "others", "autres", "vingine";
    BytesOverlap: "bytes {} to {} ({}): {} and {}", "octets {} à {} ({}) : {} et {}", "baiti {} hadi {} ({}): {} na {}";
    BytesOverlaps: "Overlaps ({})", "Chevauchements ({})", "Mwingiliano ({})";
    BytesSize: "The server does not say how large the file is: the drawing ends with the last message.", "Le serveur ne dit pas la taille du fichier : le dessin finit au dernier message.", "Seva haisemi ukubwa wa faili: mchoro unaishia kwenye ujumbe wa mwisho.";
    BytesStretch: "{}: bytes {} to {} ({})", "{} : octets {} à {} ({})", "{}: baiti {} hadi {} ({})";
    BytesSummary: "{}: {} messages, {} of {}; {} gaps, {} overlaps.", "{} : {} messages, {} sur {} ; {} trous, {} chevauchements.", "{}: ujumbe {}, {} kati ya {}; mapengo {}, mwingiliano {}.";
    BytesTooShort: "Messages are listed behind the end of the file: it was cut, or is not the file of this index.", "Des messages sont listés après la fin du fichier : il est tronqué, ou n'est pas celui de cet index.", "Ujumbe umeorodheshwa baada ya mwisho wa faili: imekatwa, au si faili ya faharasa hii.";
    Cache: "Index files kept by this browser: {}", "Fichiers d'index gardés par ce navigateur : {}", "Faili za faharasa zilizohifadhiwa na kivinjari hiki: {}";
    CacheNone: "This browser keeps no index files here", "Ce navigateur ne garde pas de fichiers d'index ici", "Kivinjari hiki hakihifadhi faili za faharasa hapa";
    Cancel: "Cancel", "Annuler", "Ghairi";
    CellComplete: "complete", "complet", "kamili";
    CellMissing: "missing", "manquant", "haipo";
    CellNothing: "not expected", "non attendu", "haitarajiwi";
    CellPartial: "some members only", "certains membres seulement", "baadhi ya wanachama tu";
    CellUnmatched: "not in the template", "absent du modèle", "haimo kwenye kiolezo";
    Choose: "Choose a run", "Choisir un run", "Chagua mfululizo";
    ClearCache: "Clear", "Effacer", "Futa";
    ClearFilter: "Show all", "Tout afficher", "Onyesha zote";
    Close: "Close", "Fermer", "Funga";
    ColumnLength: "Bytes", "Octets", "Baiti";
    ColumnLevel: "Level", "Niveau", "Kiwango";
    ColumnMember: "Member", "Membre", "Mwanachama";
    ColumnOffset: "Offset", "Position", "Nafasi";
    ColumnStep: "Step (h)", "Échéance (h)", "Hatua (saa)";
    ColumnVariable: "Variable", "Variable", "Kigezo";
    ColumnWindow: "Window (h)", "Fenêtre (h)", "Dirisha (saa)";
    Copy: "Copy", "Copier", "Nakili";
    CopyByHand: "Marked: press Ctrl+C", "Sélectionné : appuyez sur Ctrl+C", "Imechaguliwa: bonyeza Ctrl+C";
    CopyLink: "Copy link", "Copier le lien", "Nakili kiungo";
    Copied: "Copied", "Copié", "Imenakiliwa";
    Coverage: "Coverage", "Couverture", "Uwepo";
    CoverageSummary: "{} kinds of messages over {} steps: {} of {} messages are there, {} are missing, {} kinds are not in the template.", "{} types de messages sur {} échéances : {} messages sur {} sont présents, {} manquent, {} types sont absents du modèle.", "Aina {} za ujumbe katika hatua {}: ujumbe {} kati ya {} upo, {} haupo, aina {} hazimo kwenye kiolezo.";
    Date: "Date", "Date", "Tarehe";
    Download: "Download", "Télécharger", "Pakua";
    DownloadJson: "kerchunk JSON", "kerchunk JSON", "kerchunk JSON";
    DownloadKv: "Parquet of keys and values", "Parquet clés-valeurs", "Parquet ya funguo na thamani";
    DownloadKerchunk: "kerchunk Parquet (zip)", "kerchunk Parquet (zip)", "kerchunk Parquet (zip)";
    DropFiles: "Drop index, GRIB2 or reference files here, or", "Déposez ici des fichiers d'index, GRIB2 ou de références, ou", "Dondosha hapa faili za faharasa, GRIB2 au marejeleo, au";
    Empty: "Nothing is open yet.", "Rien n'est encore ouvert.", "Hakuna kilichofunguliwa bado.";
    Estimate: "{} steps: {} index files, about {}", "{} échéances : {} fichiers d'index, environ {}", "Hatua {}: faili za faharasa {}, takriban {}";
    File: "File", "Fichier", "Faili";
    Filter: "Filter", "Filtrer", "Chuja";
    FilterHint: "words, such as: tmp 850", "des mots, par exemple : tmp 850", "maneno, kama: tmp 850";
    From: "From", "Depuis", "Kutoka";
    FromFiles: "Files of mine", "Mes fichiers", "Faili zangu";
    FromSample: "Sample in this page", "Exemple dans cette page", "Sampuli katika ukurasa huu";
    FromUrl: "A mirror of mine…", "Un miroir à moi…", "Kioo changu…";
    GapFailed: "could not be read", "n'a pas pu être lu", "haikuweza kusomwa";
    GapNotFound: "the file is not there", "le fichier n'existe pas", "faili haipo";
    GapNotInEra: "not carried at that date", "non fourni à cette date", "haitolewi kwa tarehe hiyo";
    GapNotInIndex: "the index does not list it", "l'index ne le mentionne pas", "faharasa haiitaji";
    GapNotInRun: "no index of the run lists it", "aucun index du run ne le mentionne", "hakuna faharasa inayoitaja";
    GapNotInTemplate: "the template does not know it", "le modèle ne le connaît pas", "kiolezo hakiijui";
    GapOther: "cannot be used", "inutilisable", "haiwezi kutumika";
    GapRefused: "cannot be referred to", "ne peut pas être référencé", "haiwezi kurejelewa";
    GapStale: "the file is newer than its index and differs", "le fichier est plus récent que son index et en diffère", "faili ni mpya kuliko faharasa yake na ni tofauti";
    Gaps: "Gaps ({})", "Lacunes ({})", "Mapengo ({})";
    Hour: "Run (UTC)", "Run (UTC)", "Mfululizo (UTC)";
    Inventory: "Inventory", "Inventaire", "Orodha";
    InventorySummary: "{} messages, {}", "{} messages, {}", "Ujumbe {}, {}";
    Key: "Key", "Clé", "Ufunguo";
    Language: "Language", "Langue", "Lugha";
    Level: "Level", "Niveau", "Kiwango";
    Licence: "Licence", "Licence", "Leseni";
    Map: "Map", "Carte", "Ramani";
    MapAllMembers: "All members", "Tous les membres", "Wanachama wote";
    MapAuto: "Automatic", "Automatique", "Otomatiki";
    MapBeyond: "beyond the grid", "hors de la grille", "nje ya gridi";
    MapColours: "Colours", "Couleurs", "Rangi";
    MapCsv: "Values (CSV)", "Valeurs (CSV)", "Thamani (CSV)";
    MapDifference: "Minus", "Moins", "Toa";
    MapFetch: "Read {} messages, {} at most", "Lire {} messages, {} au plus", "Soma ujumbe {}, {} kwa upeo";
    MapFetched: "{} messages, {} were read", "{} messages, {} lus", "Ujumbe {}, {} zimesomwa";
    MapHatched: "Hatched: no value.", "Hachuré : pas de valeur.", "Mistari: hakuna thamani.";
    MapHigh: "Highest", "Maximum", "Juu zaidi";
    MapHow: "Drag to move, wheel or + and − to zoom, a click chooses a point. With the map focused, arrow keys move the point, Shift and arrow keys the map, 0 shows all.", "Glisser déplace, la molette ou + et − zooment, un clic choisit un point. Carte active : les flèches déplacent le point, Maj et flèches la carte, 0 montre tout.", "Buruta kusogeza, gurudumu au + na − kukuza, bofya kuchagua pointi. Ramani ikiwa imechaguliwa: mishale husogeza pointi, Shift na mishale ramani, 0 huonyesha yote.";
    MapKeepRange: "Keep these limits", "Garder ces limites", "Hifadhi mipaka hii";
    MapLegend: "Colours from {} to {} {}", "Couleurs de {} à {} {}", "Rangi kutoka {} hadi {} {}";
    MapLow: "Lowest", "Minimum", "Chini zaidi";
    MapMean: "mean", "moyenne", "wastani";
    MapMember: "Member", "Membre", "Mwanachama";
    MapMembersHint: "Members are those that were opened above.", "Les membres sont ceux qui ont été ouverts ci-dessus.", "Wanachama ni wale waliofunguliwa juu.";
    MapMissing: "no value", "pas de valeur", "hakuna thamani";
    MapNone: "nothing", "rien", "hakuna kitu";
    MapNoPoint: "Choose a point on the map to see its values over the steps.", "Choisissez un point de la carte pour voir ses valeurs au fil des échéances.", "Chagua pointi kwenye ramani kuona thamani zake katika hatua.";
    MapPlay: "Play", "Lecture", "Cheza";
    MapPlume: "Members of the plume", "Membres du panache", "Wanachama wa mchoro";
    MapPng: "Picture (PNG)", "Image (PNG)", "Picha (PNG)";
    MapReset: "Show all", "Tout montrer", "Onyesha yote";
    MapSeries: "Values over the steps", "Valeurs au fil des échéances", "Thamani katika hatua";
    MapSeriesFailed: "{} messages could not be read: {}", "{} messages n'ont pas pu être lus : {}", "Ujumbe {} haukuweza kusomwa: {}";
    MapSeriesTable: "As a table", "Sous forme de tableau", "Kama jedwali";
    MapStop: "Stop", "Arrêter", "Simamisha";
    MapSummary: "{}: {} lines over {} steps, from {} to {} {}", "{} : {} lignes sur {} échéances, de {} à {} {}", "{}: mistari {} katika hatua {}, kutoka {} hadi {} {}";
    MapZoomIn: "Zoom in", "Agrandir", "Kuza";
    MapZoomOut: "Zoom out", "Réduire", "Punguza";
    Meaning: "Meaning", "Signification", "Maana";
    Member: "Members", "Membres", "Wanachama";
    MessageBytes: "Bytes {} to {} of {} ({})", "Octets {} à {} de {} ({})", "Baiti {} hadi {} za {} ({})";
    MessageCount: "Read {} and count the values", "Lire {} et compter les valeurs", "Soma {} na uhesabu thamani";
    MessageElsewhere: "Elsewhere", "Ailleurs", "Kwingineko";
    MessageField: "Field {} of {}", "Champ {} sur {}", "Sehemu {} ya {}";
    MessageFirst: "First bytes", "Premiers octets", "Baiti za kwanza";
    MessageLine: "Line of the index", "Ligne de l'index", "Mstari wa faharasa";
    MessageSections: "Sections", "Sections", "Sehemu za ujumbe";
    MessageValues: "Values", "Valeurs", "Thamani";
    Names: "Names and grid", "Noms et grille", "Majina na gridi";
    NamesCatalogue: "as in the catalogue, proven", "du catalogue, vérifiés", "ya katalogi, yaliyothibitishwa";
    NamesHeaders: "from the run's headers", "des en-têtes du run", "ya vichwa vya mfululizo";
    NoGaps: "Nothing is missing.", "Rien ne manque.", "Hakuna kinachokosekana.";
    NoRows: "No message fits.", "Aucun message ne correspond.", "Hakuna ujumbe unaolingana.";
    Octets: "Octets", "Octets", "Okteti";
    Offline: "No network: what this browser has kept is shown.", "Pas de réseau : ce que ce navigateur a gardé est affiché.", "Hakuna mtandao: kilichohifadhiwa na kivinjari hiki kinaonyeshwa.";
    Open: "Open", "Ouvrir", "Fungua";
    OpenFiles: "open files…", "ouvrez des fichiers…", "fungua faili…";
    Preparing: "Preparing the download…", "Préparation du téléchargement…", "Inaandaa upakuaji…";
    ProblemBusy: "The archive is busy and asked to wait (503).", "L'archive est surchargée et demande d'attendre (503).", "Hifadhi ina kazi nyingi na imeomba kusubiri (503).";
    ProblemBusyRemedy: "Try again in a minute: what was read is kept. Or choose another mirror.", "Réessayez dans une minute : ce qui a été lu est gardé. Ou choisissez un autre miroir.", "Jaribu tena baada ya dakika: kilichosomwa kimehifadhiwa. Au chagua kioo kingine.";
    ProblemCancelled: "Cancelled.", "Annulé.", "Imeghairiwa.";
    ProblemCancelledRemedy: "What was read is kept: try again to go on.", "Ce qui a été lu est gardé : réessayez pour continuer.", "Kilichosomwa kimehifadhiwa: jaribu tena kuendelea.";
    ProblemCors: "The server does not let pages of other sites read its files (CORS).", "Le serveur ne laisse pas les pages d'autres sites lire ses fichiers (CORS).", "Seva hairuhusu kurasa za tovuti nyingine kusoma faili zake (CORS).";
    ProblemCorsRemedy: "Choose another mirror; or run `gik serve` and open its page, which has a relay; or download the index files and open them here.", "Choisissez un autre miroir ; ou lancez `gik serve` et ouvrez sa page, qui a un relais ; ou téléchargez les fichiers d'index et ouvrez-les ici.", "Chagua kioo kingine; au endesha `gik serve` na ufungue ukurasa wake wenye kipeperushi; au pakua faili za faharasa na uzifungue hapa.";
    ProblemDenied: "The server refuses access.", "Le serveur refuse l'accès.", "Seva imekataa ufikiaji.";
    ProblemDeniedRemedy: "Public archives answer this for a date or a step that they do not have. Check date and run, or choose another mirror.", "Les archives publiques répondent ainsi pour une date ou une échéance qu'elles n'ont pas. Vérifiez la date et le run, ou choisissez un autre miroir.", "Hifadhi za umma hujibu hivi kwa tarehe au hatua ambayo hazina. Angalia tarehe, au chagua kioo kingine.";
    ProblemMismatch: "The archive is not what the index or the template says.", "L'archive n'est pas ce que disent l'index ou le modèle.", "Hifadhi si kama faharasa au kiolezo kinavyosema.";
    ProblemMismatchRemedy: "Nothing was built, so that nothing is wrong in silence. Use another mirror, member or step, or read names and grid from the run's headers.", "Rien n'a été construit, afin que rien ne soit faux en silence. Utilisez un autre miroir, membre ou échéance, ou lisez noms et grille dans les en-têtes du run.", "Hakuna kilichojengwa, ili pasiwe na kosa la kimya. Tumia kioo, mwanachama au hatua nyingine, au soma majina na gridi kutoka vichwa.";
    ProblemNetwork: "The server could not be reached.", "Le serveur est injoignable.", "Seva haikufikiwa.";
    ProblemNetworkRemedy: "Check the connection and the address, then try again.", "Vérifiez la connexion et l'adresse, puis réessayez.", "Angalia muunganisho na anwani, kisha jaribu tena.";
    ProblemNotFound: "The file is not there (404).", "Le fichier n'existe pas (404).", "Faili haipo (404).";
    ProblemNotFoundRemedy: "A run is published 4 to 8 hours after its start, step by step, and archives forget their oldest runs. Check date and run, or choose another mirror.", "Un run est publié 4 à 8 heures après son début, échéance par échéance, et les archives oublient les plus anciens. Vérifiez la date et le run, ou choisissez un autre miroir.", "Mfululizo huchapishwa saa 4 hadi 8 baada ya kuanza, hatua kwa hatua, na hifadhi husahau ya zamani. Angalia tarehe, au chagua kioo kingine.";
    ProblemOther: "This did not work.", "Cela n'a pas fonctionné.", "Haikufanya kazi.";
    ProblemOtherRemedy: "What core says is below.", "Voici ce que dit le programme.", "Programu inasema yafuatayo.";
    ProblemRange: "The server cannot send parts of files.", "Le serveur ne sait pas envoyer de parties de fichiers.", "Seva haiwezi kutuma sehemu za faili.";
    ProblemRangeRemedy: "Choose another mirror, or download the file and open it here.", "Choisissez un autre miroir, ou téléchargez le fichier et ouvrez-le ici.", "Chagua kioo kingine, au pakua faili na uifungue hapa.";
    ProblemUnreadable: "The file cannot be read.", "Le fichier est illisible.", "Faili haisomeki.";
    ProblemUnreadableRemedy: "Index files (.idx, .index), GRIB2 files and references in Parquet or JSON can be read.", "Les fichiers d'index (.idx, .index), GRIB2 et de références Parquet ou JSON sont lisibles.", "Faili za faharasa (.idx, .index), GRIB2 na marejeleo ya Parquet au JSON husomeka.";
    ProblemUsage: "There is no such thing.", "Cela n'existe pas.", "Hakuna kitu kama hicho.";
    ProblemUsageRemedy: "Change the choice above.", "Changez le choix ci-dessus.", "Badilisha chaguo hapo juu.";
    Reading: "Reading index files: {} of {}", "Lecture des fichiers d'index : {} sur {}", "Inasoma faili za faharasa: {} kati ya {}";
    ReadingHeaders: "Checking {} headers", "Vérification de {} en-têtes", "Inakagua vichwa {}";
    References: "{} references in {} arrays", "{} références dans {} tableaux", "Marejeleo {} katika safu {}";
    Retry: "Try again", "Réessayer", "Jaribu tena";
    Retries: "{} requests were sent again", "{} requêtes ont été renvoyées", "Maombi {} yametumwa tena";
    Section0: "Section 0: indicator", "Section 0 : indicateur", "Sehemu 0: kiashiria";
    Section1: "Section 1: identification", "Section 1 : identification", "Sehemu 1: utambulisho";
    Section2: "Section 2: local use", "Section 2 : usage local", "Sehemu 2: matumizi ya ndani";
    Section3: "Section 3: grid", "Section 3 : grille", "Sehemu 3: gridi";
    Section4: "Section 4: product", "Section 4 : produit", "Sehemu 4: bidhaa";
    Section5: "Section 5: packing", "Section 5 : compression", "Sehemu 5: ufungashaji";
    Section6: "Section 6: bitmap", "Section 6 : masque", "Sehemu 6: ramani ya biti";
    Section7: "Section 7: data", "Section 7 : données", "Sehemu 7: data";
    Section8: "Section 8: end", "Section 8 : fin", "Sehemu 8: mwisho";
    SkipToContent: "Skip to content", "Aller au contenu", "Ruka hadi maudhui";
    Source: "Source", "Source", "Chanzo";
    StatMax: "Greatest", "Maximum", "Kubwa zaidi";
    StatMean: "Mean", "Moyenne", "Wastani";
    StatMin: "Least", "Minimum", "Ndogo zaidi";
    StatMissing: "Missing", "Manquantes", "Zinazokosekana";
    StatPoints: "Points", "Points", "Pointi";
    Step: "Step", "Échéance", "Hatua";
    Steps: "Steps (hours)", "Échéances (heures)", "Hatua (saa)";
    Subtitle: "References to weather archives, built in this page", "Références vers les archives météo, construites dans cette page", "Marejeleo ya hifadhi za hali ya hewa, yanayojengwa katika ukurasa huu";
    Synthetic: "The sample is synthetic: layout, keys and packings of the public archives, invented values.", "L'exemple est synthétique : arborescence, clés et compression des archives publiques, valeurs inventées.", "Sampuli ni ya kubuni: mpangilio wa hifadhi za umma, thamani za kubuni.";
    TimeLeft: "about {} left", "encore {} environ", "imebaki takriban {}";
    Value: "Value", "Valeur", "Thamani";
    Variable: "Variable", "Variable", "Kigezo";
    VerdictComplete: "Complete: every message that is expected is there.", "Complet : tous les messages attendus sont présents.", "Kamili: kila ujumbe unaotarajiwa upo.";
    VerdictGaps: "Holes: {} of {} expected messages are missing.", "Lacunes : {} messages attendus sur {} manquent.", "Mapengo: ujumbe {} kati ya {} unaotarajiwa haupo.";
    VerdictNone: "No verdict: the references could not be built.", "Pas de verdict : les références n'ont pas pu être construites.", "Hakuna uamuzi: marejeleo hayakuweza kujengwa.";
    VerdictOther: "Nothing expected is missing; {} remarks are below.", "Rien d'attendu ne manque ; {} remarques ci-dessous.", "Hakuna kinachotarajiwa kinachokosekana; maoni {} yako chini.";
    Verdict: "Verdict", "Verdict", "Uamuzi";
    Working: "Working…", "En cours…", "Inafanya kazi…";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_languages_say_the_same_number_of_things() {
        for text in Text::ALL {
            let places = |language: Language| text.say(language).matches("{}").count();
            for language in Language::ALL {
                assert!(!text.say(language).is_empty(), "{text:?}");
                assert_eq!(
                    places(language),
                    places(Language::English),
                    "{text:?} {language:?}"
                );
            }
        }
    }

    #[test]
    fn places_are_filled_in_order() {
        let text = Text::Reading.fill(Language::English, &["3", "81"]);
        assert_eq!(text, "Reading index files: 3 of 81");
        assert_eq!(Language::of("fr-CH"), Some(Language::French));
        assert_eq!(Language::of("de"), None);
    }
}

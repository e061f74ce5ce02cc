//! `gik plot`: maps, by their size, by what a coarse eye sees of them, and by pixels that must be there.
#![expect(clippy::print_stdout, reason = "the counts are the proof")]

use std::path::Path;

use gik_core::plot::colours::ColourMap;
use gik_core::plot::style::Atlas;
use gik_core::plot::{Figure, Limits, Lines, Panel, Picture, render};
use gik_tests::gik;
use gik_tests::{archive, fixture, scratch::Scratch};

/// What the archive holds: the cGAN's variables of one member at one step.
const MADE: &str = "--vars cgan --grid 1 --date 20260706 --members 1 --hours 48";
/// The difference hashes of the figures below; they are printed where they differ.
const CGAN: Hash = [
    0x71773137557735343536357631763177,
    0x31373577057735363736357631771177,
    0x35773537671735333737377733730173,
];
const TEMPERATURE: Hash = [
    0x3d6b390331433ce338733c733c733eb3,
    0x286b30f321f330f3387b387b3c7b3c3b,
    0x007b00fb01fb20fb307b387b387f383f,
];
/// Bits of 384 that another processor's rounding may turn.
const TURNED: u32 = 8;

/// 128 bits of red, green and blue.
type Hash = [u128; 3];

/// The reference to one member of a small archive.
fn references(scratch: &Scratch) {
    let bucket = archive::made(Path::new(env!("CARGO_TARGET_TMPDIR")), "ecmwf", MADE);
    let arguments = [
        "refs",
        "ifs-ens",
        "--date",
        "20260706",
        "--run",
        "00",
        "--members",
        "1",
        "--steps",
        "48",
        "--template",
        "scan",
        "--out",
        "out",
        "--from",
    ];
    let mut command = gik::command(scratch.path());
    command.args(arguments).arg(&bucket);
    let run = gik::Run::of(&mut command);
    assert!(
        scratch.path().join("out/ens01.parquet").exists(),
        "{}",
        run.stderr
    );
}

#[test]
fn figures_look_as_they_did() {
    let scratch = Scratch::new();
    references(&scratch);
    let plot = |arguments: &[&str]| {
        let all = [&["plot", "out/ens01.parquet"], arguments].concat();
        gik::run(scratch.path(), &all)
    };
    let cgan = [
        "--product",
        "cgan",
        "--timezone",
        "EAT",
        "--json",
        "--out",
        "cgan.png",
    ];
    let run = plot(&cgan);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = run.json();
    assert_eq!(said["panels"].as_array().unwrap().len(), 12);
    assert_eq!(said["panels"][4], "U component of wind, 700 hPa");
    let times = "run 2026-07-06 00:00 UTC · step 48 h · valid 2026-07-08 03:00 EAT · member 1";
    assert_eq!(said["subtitle"], times);
    let credit = "Copyright © 2026 European Centre for Medium-Range Weather Forecasts (ECMWF). Source: www.ecmwf.int. \
                  Licence: CC-BY-4.0, https://creativecommons.org/licenses/by/4.0/.";
    assert_eq!(said["footer"], credit);
    let picture = decoded(&scratch.path().join("cgan.png"));
    assert_eq!((picture.width, picture.height), (1600, 1087));
    let figure = picture;

    let first = std::fs::read(scratch.path().join("cgan.png")).unwrap();
    assert_eq!(plot(&cgan).code, 0);
    assert!(first == std::fs::read(scratch.path().join("cgan.png")).unwrap());

    let run = plot(&[
        "--var", "t2m", "--step", "48", "--region", "africa", "--width", "800", "--out", "t2m.png",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let picture = decoded(&scratch.path().join("t2m.png"));
    assert_eq!(picture.width, 800);
    alike("the figure", &figure, CGAN);
    alike("the map", &picture, TEMPERATURE);

    let other = [
        "--var",
        "t2m",
        "--region",
        "africa",
        "--width",
        "800",
        "--colours",
        "RdYlBu",
    ];
    assert_eq!(
        plot(&[&other[..], &["--out", "turned.png"]].concat()).code,
        0
    );
    let other = hash(&decoded(&scratch.path().join("turned.png")));
    assert!(
        different(other, TEMPERATURE) > 3 * TURNED,
        "the hash is blind"
    );
    println!("2 figures of 13 messages");
}

#[test]
fn means_of_one_member_look_as_the_member() {
    let scratch = Scratch::new();
    let bucket = archive::made(Path::new(env!("CARGO_TARGET_TMPDIR")), "ecmwf", MADE);
    let words = "stream ifs-ens --date 20260706 --members 1 --template scan --product cgan --steps 48 --out cgan.nc --from";
    let mut command = gik::command(scratch.path());
    command.args(words.split_whitespace()).arg(&bucket);
    let made = gik::Run::of(&mut command);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let words = "plot cgan.nc --timezone EAT --json --out cgan.png --product";
    let plot = |figure: &str| {
        let words = words.split_whitespace().chain([figure]);
        gik::run(scratch.path(), &words.collect::<Vec<_>>())
    };
    let run = plot("cgan");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = run.json();
    assert_eq!(said["panels"].as_array().unwrap().len(), 12);
    assert!(
        said["footer"].as_str().unwrap().contains("CC-BY-4.0"),
        "{said}"
    );
    let picture = decoded(&scratch.path().join("cgan.png"));
    // The third row of the figure has deviations, which one member does not have: five of eight rows of the hash are means.
    let means = hash(&picture).map(|bits| bits >> 48);
    let turned = different(means, CGAN.map(|bits| bits >> 48));
    assert!(turned <= TURNED, "{turned} bits differ");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let scratch = Scratch::new();
    references(&scratch);
    scratch.write("ea.nc", b"\x89HDF\r\n\x1a\n");
    for (code, arguments, said) in [
        (
            2,
            vec!["out/ens01.parquet"],
            "no --var or --product says which",
        ),
        (
            1,
            vec!["out/ens01.parquet", "--var", "t2m", "--step", "24"],
            "no message is t2m at step 24",
        ),
        (
            3,
            vec!["out/ens01.parquet", "--var", "t2m,sst"],
            "not drawn: sst",
        ),
        (
            2,
            vec!["out/ens01.parquet", "--var", "t2m", "--region", "narnia"],
            "no region is called",
        ),
        (
            2,
            vec!["out/ens01.parquet", "--var", "t2m", "--region", "9,0,1,1"],
            "expected west < east",
        ),
        (
            2,
            vec!["out/ens01.parquet", "--var", "t2m", "--colours", "jet"],
            "no colour map",
        ),
        (
            2,
            vec!["out/ens01.parquet", "--product", "nothing"],
            "no figure is called",
        ),
        (1, vec!["ea.nc"], "the file cannot be opened"),
    ] {
        let arguments = [&["plot", "--out", "x.png"], arguments.as_slice()].concat();
        let run = gik::run(scratch.path(), &arguments);
        assert_eq!(run.code, code, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
        assert_eq!(scratch.path().join("x.png").exists(), code == 3);
        let _ = std::fs::remove_file(scratch.path().join("x.png"));
    }
}

#[test]
fn lake_victoria_has_a_shore_and_what_is_missing_is_hatched() {
    let region = Atlas::builtin().unwrap().region("east-africa").unwrap();
    for (file, least) in [("lines-50m.bin", 150), ("lines-110m.bin", 80)] {
        let octets = std::fs::read(fixture::workspace().join("core/maps").join(file)).unwrap();
        let lines = Lines::parse(&octets).unwrap();
        let drawn = |lines: &Lines| render(&figure(region), lines, 1_600).unwrap();
        let (with, without) = (drawn(&lines), drawn(&Lines::default()));
        // The frame of the map, by its own corner: values end there.
        let [left, top, width, height] = frame(&without);
        let place = |longitude: f64, latitude: f64| {
            let x = f64::from(left) + (longitude - 19.0) / 36.0 * f64::from(width);
            let y = f64::from(top) + (25.0 - latitude) / 39.0 * f64::from(height);
            (x as u32, y as u32)
        };
        // Around the lake, but for the corners: 31.5 to 35 E, 3 S to 0.6 N.
        let ((west, north), (east, south)) = (place(31.5, 0.6), place(35.0, -3.0));
        let bluish = |picture: &Picture| {
            let all = (north..south).flat_map(|y| (west..east).map(move |x| (x, y)));
            all.filter(|&(x, y)| {
                let [red, _, blue] = pixel(picture, x, y);
                red < 0x80 && blue > red + 0x18
            })
            .count()
        };
        println!("{file}: {} pixels of shore", bluish(&with));
        assert!(bluish(&with) > least && bluish(&without) == 0, "{file}");
        // The middle of the lake is water, and no line.
        let (x, y) = place(33.0, -1.6);
        assert_eq!(pixel(&with, x, y), pixel(&without, x, y));
    }
    // South of 10 S nothing is known: stripes, and the legend says so.
    let picture = render(&figure(region), &Lines::default(), 1_600).unwrap();
    let [left, top, width, height] = frame(&picture);
    let row = |part: f64| {
        let y = top + (f64::from(height) * part) as u32;
        let mut colours: Vec<[u8; 3]> = (left + 4..left + width - 4)
            .map(|x| pixel(&picture, x, y))
            .collect();
        colours.sort_unstable();
        colours.dedup();
        colours
    };
    assert_eq!(row(0.98), [[0xa0; 3], [0xf4; 3]]);
    assert_eq!(row(0.5).len(), 1);
}

/// One value everywhere north of 10 S, none south of it.
fn figure(extent: gik_core::plot::Extent) -> Figure {
    let latitudes: Vec<f64> = (-20..=30).rev().map(f64::from).collect();
    let longitudes: Vec<f64> = (15..=60).map(f64::from).collect();
    let row = |latitude: &f64| vec![if *latitude < -10.0 { f32::NAN } else { 5.0 }; 46];
    let panel = Panel {
        title: String::new(),
        units: "mm".to_owned(),
        values: latitudes.iter().flat_map(row).collect(),
        latitudes,
        longitudes,
        colours: ColourMap::named("YlOrRd").unwrap(),
        limits: Limits::Given {
            low: 0.0,
            high: 10.0,
        },
    };
    Figure {
        title: "Lake Victoria".to_owned(),
        subtitle: String::new(),
        footer: String::new(),
        extent,
        columns: 1,
        panels: vec![panel],
    }
}

/// Left, top, width and height of what has the colour of 5.
fn frame(picture: &Picture) -> [u32; 4] {
    let wanted = ColourMap::named("YlOrRd").unwrap().at(0.5);
    let is = |x: u32, y: u32| pixel(picture, x, y) == wanted;
    let y = picture.height / 2;
    let left = (0..picture.width).find(|&x| is(x, y)).unwrap();
    let width = (left..picture.width).find(|&x| !is(x, y)).unwrap() - left;
    let x = left + width / 2;
    let top = (0..picture.height).find(|&y| is(x, y)).unwrap();
    // Values end at 10.5 S: 35.5 of 39 degrees.
    let known = (top..picture.height).find(|&y| !is(x, y)).unwrap() - top;
    [left, top, width, (f64::from(known) * 39.0 / 35.5) as u32]
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = (y as usize * picture.width as usize + x as usize) * 4;
    [picture.rgba[at], picture.rgba[at + 1], picture.rgba[at + 2]]
}

fn decoded(path: &Path) -> Picture {
    let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    let rgba = rgb.chunks(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 0xff]);
    Picture {
        width: info.width,
        height: info.height,
        rgba: rgba.collect(),
    }
}

/// Whether a picture looks as one whose hash was kept.
fn alike(what: &str, picture: &Picture, kept: Hash) {
    let found = hash(picture);
    let turned = different(found, kept);
    assert!(
        turned <= TURNED,
        "{what}: {turned} bits differ: {found:#034x?}"
    );
}

/// Bits of two hashes that differ.
fn different(first: Hash, second: Hash) -> u32 {
    let pairs = first.into_iter().zip(second);
    pairs
        .map(|(first, second)| (first ^ second).count_ones())
        .sum()
}

/// dHash: the mean of 17 x 8 tiles; a bit for each that has less of a colour than the next to its right.
fn hash(picture: &Picture) -> Hash {
    [0, 1, 2].map(|colour| {
        let mean = |column: u32, row: u32| {
            let (left, right) = (
                picture.width * column / 17,
                picture.width * (column + 1) / 17,
            );
            let (top, bottom) = (picture.height * row / 8, picture.height * (row + 1) / 8);
            let tile = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
            let parts = tile.map(|(x, y)| u64::from(pixel(picture, x, y)[colour]));
            parts.sum::<u64>() / u64::from((right - left) * (bottom - top))
        };
        let places = (0..8).flat_map(|row| (0..16).map(move |column| (column, row)));
        places.fold(0, |hash, (column, row)| {
            hash << 1 | u128::from(mean(column, row) < mean(column + 1, row))
        })
    })
}

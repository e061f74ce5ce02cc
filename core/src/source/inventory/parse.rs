//! The text of an inventory, tab-separated.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{InventoryError, Row, SurfacePattern, SurfaceValue, Window};
use crate::identity::Statistic;
use crate::time::Run;

const COLUMNS: [&str; 21] = [
    "era_from",
    "era_to",
    "runs",
    "step_class",
    "index_name",
    "levtype_or_leveltext",
    "levels",
    "discipline",
    "category",
    "number",
    "pdt",
    "statistic",
    "first_surface",
    "second_surface",
    "tables_version",
    "shortName",
    "cfVarName",
    "typeOfLevel",
    "stepType",
    "units",
    "evidence",
];

/// Reads evidence texts (`#1<TAB>text`), the names of the columns, and the rows.
pub(super) fn rows(text: &str) -> Result<Vec<Row>, InventoryError> {
    let mut legend = BTreeMap::new();
    let mut rows = Vec::new();
    let mut has_columns = false;
    for (line, content) in (1..).zip(text.lines()) {
        if content.is_empty() {
            continue;
        }
        if let Some(entry) = content
            .strip_prefix('#')
            .and_then(|rest| rest.split_once('\t'))
        {
            legend.insert(entry.0, entry.1);
        } else if has_columns {
            rows.push(parse_row(line, content, &legend)?);
        } else if content.split('\t').eq(COLUMNS) {
            has_columns = true;
        } else {
            return Err(no_columns(line));
        }
    }
    if has_columns {
        Ok(rows)
    } else {
        Err(no_columns(text.lines().count()))
    }
}

fn no_columns(line: usize) -> InventoryError {
    InventoryError::Columns {
        line,
        expected: COLUMNS.join(" "),
    }
}

fn parse_row(
    line: usize,
    content: &str,
    legend: &BTreeMap<&str, &str>,
) -> Result<Row, InventoryError> {
    let cells: Vec<&str> = content.split('\t').collect();
    let Ok(cells) = <[&str; COLUMNS.len()]>::try_from(cells) else {
        return Err(InventoryError::Width {
            line,
            found: content.split('\t').count(),
            expected: COLUMNS.len(),
        });
    };
    let [
        from,
        to,
        runs,
        class,
        index_name,
        index_level,
        levels,
        rest @ ..,
    ] = cells;
    let [
        discipline,
        category,
        number,
        template,
        statistic,
        first,
        second,
        rest @ ..,
    ] = rest;
    let [
        tables,
        short_name,
        cf_var_name,
        type_of_level,
        step_type,
        units,
        evidence,
    ] = rest;
    let cell = |column, found: &str, expected| InventoryError::Cell {
        line,
        column,
        found: found.to_owned(),
        expected,
    };
    let small = |column, text: &str| {
        text.parse::<u8>()
            .map_err(|_| cell(column, text, "number from 0 to 255"))
    };
    let run = |column, text: &str| {
        text.parse::<Run>()
            .map_err(|_| cell(column, text, "run such as 2025-01-14T06"))
    };
    let (steps, disputed) = match class.strip_suffix('?') {
        Some(class) => (class, true),
        None => (class, false),
    };
    let surface = |column, text: &str| {
        parse_surface(text).ok_or_else(|| cell(column, text, "surface such as 103:0:2"))
    };
    Ok(Row {
        from: run("era_from", from)?,
        to: match to {
            "" => None,
            to => Some(run("era_to", to)?),
        },
        runs: list(runs, ' ').ok_or_else(|| cell("runs", runs, "list of hours"))?,
        steps: parse_steps(steps).ok_or_else(|| cell("step_class", class, "range of hours"))?,
        disputed,
        index_name: index_name.to_owned(),
        index_level: index_level.to_owned(),
        levels: match levels {
            "-" => Vec::new(),
            levels => list(levels, ',').ok_or_else(|| cell("levels", levels, "list of levels"))?,
        },
        discipline: small("discipline", discipline)?,
        category: small("category", category)?,
        number: small("number", number)?,
        template: template
            .parse()
            .map_err(|_| cell("pdt", template, "template number"))?,
        statistic: match statistic {
            "-" => None,
            text => Some(
                parse_statistic(text)
                    .ok_or_else(|| cell("statistic", text, "statistic such as accum:run"))?,
            ),
        },
        first_surface: surface("first_surface", first)?,
        second_surface: surface("second_surface", second)?,
        tables: parse_pair(tables, '/')
            .ok_or_else(|| cell("tables_version", tables, "pair of versions such as 32/0"))?,
        short_name: short_name.to_owned(),
        cf_var_name: cf_var_name.to_owned(),
        type_of_level: type_of_level.to_owned(),
        step_type: step_type.to_owned(),
        units: units.to_owned(),
        evidence: evidence
            .split(' ')
            .map(|number| legend.get(number).map(|text| (*text).to_owned()))
            .collect::<Option<_>>()
            .ok_or_else(|| cell("evidence", evidence, "list of numbers of evidence texts"))?,
    })
}

fn list<T: FromStr>(text: &str, separator: char) -> Option<Vec<T>> {
    text.split(separator)
        .map(|item| item.parse().ok())
        .collect()
}

fn parse_pair<T: FromStr>(text: &str, separator: char) -> Option<(T, T)> {
    let (first, second) = text.split_once(separator)?;
    Some((first.parse().ok()?, second.parse().ok()?))
}

/// `0` or `3-90`.
fn parse_steps(text: &str) -> Option<(u32, u32)> {
    match text.parse() {
        Ok(one) => Some((one, one)),
        Err(_) => parse_pair(text, '-').filter(|(first, last)| first <= last),
    }
}

/// `accum:run`, `max:3h`, `avg:bucket6`.
fn parse_statistic(text: &str) -> Option<(Statistic, Window)> {
    let (kind, window) = text.split_once(':')?;
    let statistic = match kind {
        "accum" => Statistic::ACCUMULATION,
        "avg" => Statistic::AVERAGE,
        "max" => Statistic::MAXIMUM,
        "min" => Statistic::MINIMUM,
        _ => return None,
    };
    let window = if window == "run" {
        Window::Run
    } else if let Some(hours) = window.strip_prefix("bucket") {
        Window::Bucket(hours.parse().ok()?)
    } else {
        Window::Hours(window.strip_suffix('h')?.parse().ok()?)
    };
    Some((statistic, window))
}

/// `103:0:2`, `1:-:-`, `100:0:L*100`, `151:0:L-1`.
fn parse_surface(text: &str) -> Option<SurfacePattern> {
    let mut parts = text.split(':');
    let (kind, scale, value) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let level = |factor, offset| SurfaceValue::Level { factor, offset };
    Some(SurfacePattern {
        kind: kind.parse().ok()?,
        scale_factor: match scale {
            "-" => None,
            scale => Some(scale.parse().ok()?),
        },
        value: match value {
            "-" => SurfaceValue::Missing,
            "L" => level(1, 0),
            "L*100" => level(100, 0),
            "L-1" => level(1, -1),
            value => SurfaceValue::Fixed(value.parse().ok()?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(row: &str) -> String {
        format!("#1\ttext\n{}\n{row}\n", COLUMNS.join("\t"))
    }

    const ROW: &str = "2025-01-14T06\t\t00\t0\tt\tpl\t500\t0\t0\t0\t1\tmax:3h\t100:0:L*100\t255:-:-\t32/0\tt\tt\tisobaricInhPa\tinstant\tK\t1";

    #[test]
    fn a_row_that_is_not_is_named_by_line_and_column() {
        assert_eq!(rows(&text(ROW)).unwrap().len(), 1);
        for (was, is, column) in [
            ("2025-01-14T06", "2025-01-14", "era_from"),
            ("\t00\t", "\t00 x\t", "runs"),
            ("\t00\t0\t", "\t00\t9-3\t", "step_class"),
            ("\t500\t", "\t500,\t", "levels"),
            ("pl\t500\t0", "pl\t500\t256", "discipline"),
            ("max:3h", "max:3", "statistic"),
            ("100:0:L*100", "100:0:L*10", "first_surface"),
            ("255:-:-", "255:-", "second_surface"),
            ("32/0", "32", "tables_version"),
            ("K\t1", "K\t2", "evidence"),
        ] {
            let changed = ROW.replacen(was, is, 1);
            assert_ne!(changed, ROW, "{column}");
            match rows(&text(&changed)).unwrap_err() {
                InventoryError::Cell {
                    line, column: at, ..
                } => assert_eq!((line, at), (3, column)),
                other => panic!("{column}: {other}"),
            }
        }
    }

    #[test]
    fn columns_and_width_are_checked() {
        assert!(matches!(
            rows("a\tb\n"),
            Err(InventoryError::Columns { line: 1, .. })
        ));
        assert!(matches!(rows(""), Err(InventoryError::Columns { .. })));
        assert_eq!(
            rows(&text("1\t2")),
            Err(InventoryError::Width {
                line: 3,
                found: 2,
                expected: 21
            })
        );
    }
}

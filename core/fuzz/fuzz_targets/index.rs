//! Any bytes as an index of either kind.
#![no_main]

use gik_core::index::{Dialect, close, parse, parse_attrs, records, tell_apart};

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let _ = Dialect::detect(file);
    for dialect in [Dialect::Ecmwf, Dialect::Noaa] {
        let read = records(dialect, file).filter_map(Result::ok).count();
        let Ok(mut found) = parse(dialect, file) else {
            continue;
        };
        assert_eq!(found.len(), read, "all lines are records");
        let lines = file.split(|octet| *octet == b'\n').count();
        assert!(found.len() <= lines, "a record for each line at most");
        let _ = close(&mut found, Some(1 << 40));
        let _ = tell_apart(&mut found, &[]);
        for record in &found {
            parse_attrs(&record.attrs());
        }
    }
});

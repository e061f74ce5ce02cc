//! Any bytes as a GRIB file.
#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| gik_fuzz::read(file));

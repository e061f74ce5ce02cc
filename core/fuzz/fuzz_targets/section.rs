//! Any bytes as sections of a message whose framing is right, so that templates and data are reached every time.
//!
//! Input: for each section its number, its length after the first five octets (two octets), and that many octets.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gik_fuzz::read(&framed(input)));

/// A message of these sections.
fn framed(mut input: &[u8]) -> Vec<u8> {
    let mut message = b"GRIB\0\0\0\x02\0\0\0\0\0\0\0\0".to_vec();
    while let Some((&[number, high, low], rest)) = input.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
        let (octets, after) = rest.split_at(length);
        let total = u32::try_from(length + 5).expect("short");
        message.extend(total.to_be_bytes());
        message.push(number % 8);
        message.extend(octets);
        input = after;
    }
    message.extend(b"7777");
    let total = (message.len() as u64).to_be_bytes();
    message[8..16].copy_from_slice(&total);
    message
}

//! Small messages for tests, built by hand: a 3 x 2 grid, 2 m temperature six hours ahead.

#![expect(clippy::as_conversions, reason = "sizes of small inputs")]

/// The parts of a message, field by field.
#[derive(Default)]
pub(super) struct Message {
    sections: Vec<Vec<u8>>,
    data: usize,
}

/// A message whose fields have that many octets of data, the later ones from section 4 on.
pub(super) fn message(data: &[usize]) -> Vec<u8> {
    let (first, rest) = data.split_first().unwrap();
    let message = Message::default().field(3, *first).bitmap(255, &[]);
    rest.iter()
        .fold(message, |message, data| {
            message.field(4, *data).bitmap(255, &[])
        })
        .build()
}

/// Where the first section of that number starts.
pub(super) fn section_start(message: &[u8], number: u8) -> usize {
    let mut at = 16;
    while message[at + 4] != number {
        at += u32::from_be_bytes(message[at..at + 4].try_into().unwrap()) as usize;
    }
    at
}

impl Message {
    /// Adds a field from section `from` on; its bitmap comes next.
    pub(super) fn field(mut self, from: u8, data: usize) -> Self {
        self.data = data;
        if self.sections.is_empty() {
            self.section(1, &[0, 98, 0, 0, 33, 0, 1, 7, 233, 9, 18, 0, 0, 0, 0, 1]);
        }
        for number in from..=5 {
            match number {
                2 => self.section(2, &[0, 1, 0, 1, 0, 9, 4, 11, b'0', b'0', b'0', b'1']),
                3 => self.section(3, &grid()),
                4 => self.section(4, &product()),
                _ => self.section(5, &representation()),
            }
        }
        self
    }

    /// Adds sections 6 and 7.
    pub(super) fn bitmap(mut self, indicator: u8, bits: &[u8]) -> Self {
        self.section(6, &[&[indicator], bits].concat());
        self.section(7, &vec![0x5a; self.data]);
        self
    }

    pub(super) fn build(self) -> Vec<u8> {
        let body = self.sections.concat();
        let mut message = b"GRIB\0\0\0\x02".to_vec();
        message.extend((body.len() as u64 + 20).to_be_bytes());
        message.extend(body);
        message.extend(b"7777");
        message
    }

    fn section(&mut self, number: u8, octets: &[u8]) {
        let mut section = (octets.len() as u32 + 5).to_be_bytes().to_vec();
        section.push(number);
        section.extend(octets);
        self.sections.push(section);
    }
}

/// Template 3.0: three points from 0 to 2 degrees east, two from 1 to 0 degrees north.
fn grid() -> Vec<u8> {
    let mut octets = vec![0, 0, 0, 0, 6, 0, 0, 0, 0, 6];
    octets.extend([0xff; 15]);
    for number in [3_u32, 2, 0, u32::MAX, 1_000_000, 0] {
        octets.extend(number.to_be_bytes());
    }
    octets.push(0x30);
    for number in [0_u32, 2_000_000, 1_000_000, 1_000_000] {
        octets.extend(number.to_be_bytes());
    }
    octets.push(0);
    octets
}

/// Template 4.0.
fn product() -> Vec<u8> {
    let mut octets = vec![0, 0, 0, 0, 0, 0, 2, 255, 96, 0, 0, 0, 1, 0, 0, 0, 6];
    octets.extend([103, 0, 0, 0, 0, 2, 255, 255, 255, 255, 255, 255]);
    octets
}

/// Template 5.0.
fn representation() -> Vec<u8> {
    let mut octets = vec![0, 0, 0, 6, 0, 0];
    octets.extend([0x43, 0x89, 0, 0, 0, 0, 0, 0, 8, 0]);
    octets
}

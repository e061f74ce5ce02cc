//! Section 1 of a message: who made it, when, and with which tables.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::reader::{Reader, Short};
use crate::time::{Date, Run, Step};

/// Section 1, the identification section (WMO Manual on Codes, FM 92 GRIB, section 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identification {
    /// Originating centre, common code table C-11.
    pub centre: u16,
    /// Originating sub-centre, allocated by the centre.
    pub sub_centre: u16,
    /// Version of the master tables, code table 1.0.
    pub tables_version: u8,
    /// Version of the local tables, code table 1.1; 0 and 255 mean that none are used.
    pub local_tables_version: u8,
    /// What the reference time is, code table 1.2: 0 analysis, 1 start of forecast, 2 verifying time, 3 observation.
    pub significance: u8,
    /// The reference time, in UTC.
    pub reference: Timestamp,
    /// Production status, code table 1.3: 0 operational, 4 TIGGE, 6 S2S, ...
    pub production_status: u8,
    /// Type of processed data, code table 1.4: 0 analysis, 1 forecast, 3 control, 4 perturbed, ...
    pub data_kind: u8,
    /// The section as it is in the message, its length and number included.
    pub octets: Bytes,
}

/// A time as section 1 and section 4 write it: six numbers that need not be a real date.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Timestamp {
    /// The year, four digits.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
    /// The hour.
    pub hour: u8,
    /// The minute.
    pub minute: u8,
    /// The second.
    pub second: u8,
}

impl Identification {
    /// The centre whose local templates, tables and section 2 hold: ECMWF (98) where it is the sub-centre, else the centre.
    ///
    /// ecCodes reads messages of ECMWF's partners so (`centreForLocal`).
    pub fn local_centre(&self) -> u16 {
        if self.sub_centre == 98 {
            98
        } else {
            self.centre
        }
    }

    /// Reads the whole of section 1, its length and number included.
    pub(super) fn parse(octets: Bytes) -> Result<Self, Short> {
        let mut reader = Reader::new(&octets);
        reader.skip(5)?;
        Ok(Self {
            centre: reader.u16()?,
            sub_centre: reader.u16()?,
            tables_version: reader.u8()?,
            local_tables_version: reader.u8()?,
            significance: reader.u8()?,
            reference: Timestamp::parse(&mut reader)?,
            production_status: reader.u8()?,
            data_kind: reader.u8()?,
            octets,
        })
    }
}

impl Timestamp {
    /// Reads the seven octets of a time.
    pub(super) fn parse(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            year: reader.u16()?,
            month: reader.u8()?,
            day: reader.u8()?,
            hour: reader.u8()?,
            minute: reader.u8()?,
            second: reader.u8()?,
        })
    }

    /// The day, or `None` where the calendar has no such day.
    pub fn date(self) -> Option<Date> {
        Date::new(i32::from(self.year), self.month, self.day)
    }

    /// The model run that starts at this time, or `None` where it is no whole hour of a real day.
    pub fn run(self) -> Option<Run> {
        (self.minute == 0 && self.second == 0).then_some(())?;
        Run::new(self.date()?, self.hour)
    }

    /// Seconds from 1970-01-01T00:00:00Z, or `None` where it is no real time.
    ///
    /// Hour 24 of a day, as some centres write midnight, is the start of the next day.
    pub fn seconds_since_epoch(self) -> Option<i64> {
        let clock = i64::from(self.hour) * 3_600 + i64::from(self.minute) * 60;
        let valid = self.minute < 60 && self.second < 60 && clock <= 86_400;
        valid.then_some(())?;
        Some(self.date()?.days_since_epoch() * 86_400 + clock + i64::from(self.second))
    }

    /// The time from `start` to this time, or `None` where one of them is no real time.
    pub fn since(self, start: Self) -> Option<Step> {
        let seconds = self
            .seconds_since_epoch()?
            .checked_sub(start.seconds_since_epoch()?)?;
        Some(Step::seconds(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NCEP: [u8; 21] = [
        0, 0, 0, 21, 1, 0, 7, 0, 2, 2, 1, 1, 7, 233, 9, 18, 0, 0, 0, 0, 4,
    ];

    #[test]
    fn section_1_of_an_ensemble_forecast() {
        let section = Identification::parse(Bytes::from_static(&NCEP)).unwrap();
        assert_eq!((section.centre, section.sub_centre), (7, 2));
        assert_eq!(
            (section.tables_version, section.local_tables_version),
            (2, 1)
        );
        assert_eq!(
            section.reference.run().unwrap().to_string(),
            "2025-09-18T00"
        );
        assert_eq!((section.production_status, section.data_kind), (0, 4));
    }

    #[test]
    fn a_short_section_1_is_an_error_at_its_octet() {
        let short = Identification::parse(Bytes::from_static(&NCEP[..19])).unwrap_err();
        assert_eq!((short.at, short.wanted, short.left), (20, 1, 0));
    }

    #[test]
    fn times_that_no_calendar_has_are_none() {
        let time = Timestamp {
            year: 2025,
            month: 2,
            day: 28,
            hour: 24,
            minute: 0,
            second: 0,
        };
        let next = Timestamp {
            month: 3,
            day: 1,
            hour: 6,
            ..time
        };
        assert_eq!(next.since(time), Some(Step::hours(6)));
        assert_eq!(Timestamp { day: 29, ..time }.seconds_since_epoch(), None);
        assert_eq!(Timestamp { minute: 1, ..time }.seconds_since_epoch(), None);
        assert_eq!(
            Timestamp {
                hour: 0,
                second: 60,
                ..time
            }
            .seconds_since_epoch(),
            None
        );
    }
}

//! The fields of the grid definition templates, as stored.
//!
//! Angles of projected grids are in units of 10^-6 degree, lengths in units of 10^-3 metre, unless said otherwise.

use super::earth::Earth;
use super::scan::Scan;
use crate::grib::reader::{Reader, Short};

/// Template 3.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatLon {
    /// Shape of the earth (octets 15-30).
    pub earth: Earth,
    /// Points along a parallel; all ones in a reduced grid (octets 31-34).
    pub ni: u32,
    /// Points along a meridian (octets 35-38).
    pub nj: u32,
    /// Basic angle and its subdivisions: the unit of the angles below (octets 39-46).
    pub unit: AngleUnit,
    /// Latitude of the first point (octets 47-50).
    pub first_latitude: i32,
    /// Longitude of the first point (octets 51-54).
    pub first_longitude: i32,
    /// Resolution and component flags (octet 55, flag table 3.3).
    pub resolution: u8,
    /// Latitude of the last point (octets 56-59).
    pub last_latitude: i32,
    /// Longitude of the last point (octets 60-63).
    pub last_longitude: i32,
    /// Increment along a parallel; all ones means missing (octets 64-67).
    pub i_increment: u32,
    /// Increment along a meridian; all ones means missing (octets 68-71).
    pub j_increment: u32,
    /// Scanning mode (octet 72).
    pub scan: Scan,
}

/// Template 3.1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RotatedLatLon {
    /// The grid before rotation.
    pub unrotated: LatLon,
    /// Latitude of the southern pole of the rotation, in the grid's unit (octets 73-76).
    pub pole_latitude: i32,
    /// Longitude of the southern pole of the rotation, in the grid's unit (octets 77-80).
    pub pole_longitude: i32,
    /// Angle of the rotation in degrees (octets 81-84).
    pub angle: f32,
}

/// Template 3.10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mercator {
    /// Shape of the earth (octets 15-30).
    pub earth: Earth,
    /// Points along a parallel (octets 31-34).
    pub ni: u32,
    /// Points along a meridian (octets 35-38).
    pub nj: u32,
    /// Latitude of the first point (octets 39-42).
    pub first_latitude: i32,
    /// Longitude of the first point (octets 43-46).
    pub first_longitude: i32,
    /// Resolution and component flags (octet 47).
    pub resolution: u8,
    /// Latitude at which the projection cuts the earth, and where lengths are true (octets 48-51).
    pub true_latitude: i32,
    /// Latitude of the last point (octets 52-55).
    pub last_latitude: i32,
    /// Longitude of the last point (octets 56-59).
    pub last_longitude: i32,
    /// Scanning mode (octet 60).
    pub scan: Scan,
    /// Angle between the i direction and the equator (octets 61-64).
    pub orientation: u32,
    /// Length of a step along i (octets 65-68).
    pub i_length: u32,
    /// Length of a step along j (octets 69-72).
    pub j_length: u32,
}

/// Template 3.20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolarStereographic {
    /// Shape of the earth (octets 15-30).
    pub earth: Earth,
    /// Points along x (octets 31-34).
    pub nx: u32,
    /// Points along y (octets 35-38).
    pub ny: u32,
    /// Latitude of the first point (octets 39-42).
    pub first_latitude: i32,
    /// Longitude of the first point (octets 43-46).
    pub first_longitude: i32,
    /// Resolution and component flags (octet 47).
    pub resolution: u8,
    /// Latitude where lengths are true (octets 48-51).
    pub true_latitude: i32,
    /// Longitude of the meridian parallel to the y axis (octets 52-55).
    pub orientation: i32,
    /// Length of a step along x (octets 56-59).
    pub x_length: u32,
    /// Length of a step along y (octets 60-63).
    pub y_length: u32,
    /// Projection centre flag: bit 1 set when the south pole is on the plane (octet 64, flag table 3.5).
    pub centre: u8,
    /// Scanning mode (octet 65).
    pub scan: Scan,
}

/// Template 3.30.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lambert {
    /// Shape of the earth (octets 15-30).
    pub earth: Earth,
    /// Points along x (octets 31-34).
    pub nx: u32,
    /// Points along y (octets 35-38).
    pub ny: u32,
    /// Latitude of the first point (octets 39-42).
    pub first_latitude: i32,
    /// Longitude of the first point (octets 43-46).
    pub first_longitude: i32,
    /// Resolution and component flags (octet 47).
    pub resolution: u8,
    /// Latitude where lengths are true (octets 48-51).
    pub true_latitude: i32,
    /// Longitude of the meridian parallel to the y axis (octets 52-55).
    pub orientation: i32,
    /// Length of a step along x (octets 56-59).
    pub x_length: u32,
    /// Length of a step along y (octets 60-63).
    pub y_length: u32,
    /// Projection centre flag (octet 64).
    pub centre: u8,
    /// Scanning mode (octet 65).
    pub scan: Scan,
    /// First latitude at which the cone cuts the sphere (octets 66-69).
    pub first_secant: i32,
    /// Second latitude at which the cone cuts the sphere (octets 70-73).
    pub second_secant: i32,
    /// Latitude of the southern pole of projection (octets 74-77).
    pub pole_latitude: i32,
    /// Longitude of the southern pole of projection (octets 78-81).
    pub pole_longitude: i32,
}

/// Template 3.40.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gaussian {
    /// Shape of the earth (octets 15-30).
    pub earth: Earth,
    /// Points along a parallel; all ones in a reduced grid (octets 31-34).
    pub ni: u32,
    /// Points along a meridian (octets 35-38).
    pub nj: u32,
    /// Basic angle and its subdivisions: the unit of the angles below (octets 39-46).
    pub unit: AngleUnit,
    /// Latitude of the first point (octets 47-50).
    pub first_latitude: i32,
    /// Longitude of the first point (octets 51-54).
    pub first_longitude: i32,
    /// Resolution and component flags (octet 55).
    pub resolution: u8,
    /// Latitude of the last point (octets 56-59).
    pub last_latitude: i32,
    /// Longitude of the last point (octets 60-63).
    pub last_longitude: i32,
    /// Increment along a parallel; all ones means missing (octets 64-67).
    pub i_increment: u32,
    /// Parallels between a pole and the equator (octets 68-71).
    pub parallels: u32,
    /// Scanning mode (octet 72).
    pub scan: Scan,
}

/// Template 3.90.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpaceView {
    /// Shape of the earth (octets 15-30).
    pub earth: Earth,
    /// Points along x (octets 31-34).
    pub nx: u32,
    /// Points along y (octets 35-38).
    pub ny: u32,
    /// Latitude below the satellite (octets 39-42).
    pub satellite_latitude: i32,
    /// Longitude below the satellite (octets 43-46).
    pub satellite_longitude: i32,
    /// Resolution and component flags (octet 47).
    pub resolution: u8,
    /// Apparent diameter of the earth along x, in grid lengths (octets 48-51).
    pub x_diameter: u32,
    /// Apparent diameter of the earth along y, in grid lengths (octets 52-55).
    pub y_diameter: u32,
    /// x of the point below the satellite, in units of 10^-3 grid length (octets 56-59).
    pub x_satellite: u32,
    /// y of the point below the satellite, in units of 10^-3 grid length (octets 60-63).
    pub y_satellite: u32,
    /// Scanning mode (octet 64).
    pub scan: Scan,
    /// Angle between the y axis and the meridian below the satellite (octets 65-68).
    pub orientation: i32,
    /// Distance of the camera from the earth's centre in units of 10^-6 radius; all ones for infinity (octets 69-72).
    pub altitude: u32,
    /// x of the image's origin (octets 73-76).
    pub x_origin: u32,
    /// y of the image's origin (octets 77-80).
    pub y_origin: u32,
}

/// The unit of the angles of templates 3.0, 3.1 and 3.40 (note 1 of template 3.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AngleUnit {
    /// Basic angle in degrees; 0 or all ones: not used (octets 39-42).
    pub basic: u32,
    /// Subdivisions of the basic angle; 0 or all ones: not used (octets 43-46).
    pub subdivisions: u32,
}

impl AngleUnit {
    /// An angle in degrees.
    pub fn degrees(self, angle: impl Into<f64>) -> f64 {
        let subdivisions = match self.subdivisions {
            0 | u32::MAX => 1_000_000,
            given => given,
        };
        let basic = match self.basic {
            0 | u32::MAX => 1,
            given => given,
        };
        // In this order, so that the last bit is as ecCodes has it.
        angle.into() / f64::from(subdivisions) * f64::from(basic)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            basic: reader.u32()?,
            subdivisions: reader.u32()?,
        })
    }
}

impl LatLon {
    /// One of this grid's angles in degrees.
    pub fn degrees(&self, angle: i32) -> f64 {
        self.unit.degrees(angle)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            earth: Earth::read(reader)?,
            ni: reader.u32()?,
            nj: reader.u32()?,
            unit: AngleUnit::read(reader)?,
            first_latitude: reader.i32()?,
            first_longitude: reader.i32()?,
            resolution: reader.u8()?,
            last_latitude: reader.i32()?,
            last_longitude: reader.i32()?,
            i_increment: reader.u32()?,
            j_increment: reader.u32()?,
            scan: read_scan(reader)?,
        })
    }
}

impl RotatedLatLon {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            unrotated: LatLon::read(reader)?,
            pole_latitude: reader.i32()?,
            pole_longitude: reader.i32()?,
            angle: reader.f32()?,
        })
    }
}

impl Mercator {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            earth: Earth::read(reader)?,
            ni: reader.u32()?,
            nj: reader.u32()?,
            first_latitude: reader.i32()?,
            first_longitude: reader.i32()?,
            resolution: reader.u8()?,
            true_latitude: reader.i32()?,
            last_latitude: reader.i32()?,
            last_longitude: reader.i32()?,
            scan: read_scan(reader)?,
            orientation: reader.u32()?,
            i_length: reader.u32()?,
            j_length: reader.u32()?,
        })
    }
}

impl PolarStereographic {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            earth: Earth::read(reader)?,
            nx: reader.u32()?,
            ny: reader.u32()?,
            first_latitude: reader.i32()?,
            first_longitude: reader.i32()?,
            resolution: reader.u8()?,
            true_latitude: reader.i32()?,
            orientation: reader.i32()?,
            x_length: reader.u32()?,
            y_length: reader.u32()?,
            centre: reader.u8()?,
            scan: read_scan(reader)?,
        })
    }
}

impl Lambert {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            earth: Earth::read(reader)?,
            nx: reader.u32()?,
            ny: reader.u32()?,
            first_latitude: reader.i32()?,
            first_longitude: reader.i32()?,
            resolution: reader.u8()?,
            true_latitude: reader.i32()?,
            orientation: reader.i32()?,
            x_length: reader.u32()?,
            y_length: reader.u32()?,
            centre: reader.u8()?,
            scan: read_scan(reader)?,
            first_secant: reader.i32()?,
            second_secant: reader.i32()?,
            pole_latitude: reader.i32()?,
            pole_longitude: reader.i32()?,
        })
    }
}

impl Gaussian {
    /// One of this grid's angles in degrees.
    pub fn degrees(&self, angle: i32) -> f64 {
        self.unit.degrees(angle)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            earth: Earth::read(reader)?,
            ni: reader.u32()?,
            nj: reader.u32()?,
            unit: AngleUnit::read(reader)?,
            first_latitude: reader.i32()?,
            first_longitude: reader.i32()?,
            resolution: reader.u8()?,
            last_latitude: reader.i32()?,
            last_longitude: reader.i32()?,
            i_increment: reader.u32()?,
            parallels: reader.u32()?,
            scan: read_scan(reader)?,
        })
    }
}

impl SpaceView {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Short> {
        Ok(Self {
            earth: Earth::read(reader)?,
            nx: reader.u32()?,
            ny: reader.u32()?,
            satellite_latitude: reader.i32()?,
            satellite_longitude: reader.i32()?,
            resolution: reader.u8()?,
            x_diameter: reader.u32()?,
            y_diameter: reader.u32()?,
            x_satellite: reader.u32()?,
            y_satellite: reader.u32()?,
            scan: read_scan(reader)?,
            orientation: reader.i32()?,
            altitude: reader.u32()?,
            x_origin: reader.u32()?,
            y_origin: reader.u32()?,
        })
    }
}

fn read_scan(reader: &mut Reader<'_>) -> Result<Scan, Short> {
    Ok(Scan {
        flags: reader.u8()?,
    })
}

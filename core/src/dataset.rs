//! Arrays with named dimensions, coordinates and attributes: what the writers of NetCDF and Zarr are given.

/// Arrays that share dimensions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dataset {
    /// The dimensions, in the order in which they are written.
    pub dimensions: Vec<Dimension>,
    /// The arrays, coordinates first.
    pub variables: Vec<Variable>,
    /// What holds for all of them.
    pub attributes: Attributes,
}

/// A named length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// How many places it has.
    pub length: usize,
}

/// An array.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Names of its dimensions, the slowest first; none for a single value.
    pub dimensions: Vec<String>,
    /// Its values, the last dimension fastest.
    pub values: Values,
    /// What is said of it.
    pub attributes: Attributes,
    /// Whether NaN is said to mark missing values (`_FillValue`).
    pub fill: bool,
}

/// Values of one type.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// 32-bit reals.
    F32(Vec<f32>),
    /// 64-bit reals.
    F64(Vec<f64>),
    /// 32-bit integers.
    I32(Vec<i32>),
    /// 64-bit integers.
    I64(Vec<i64>),
}

impl Values {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::I64(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Names and what they stand for, in the order in which they are written.
pub type Attributes = Vec<(String, Attribute)>;

/// What an attribute says.
#[derive(Clone, Debug, PartialEq)]
pub enum Attribute {
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text.
    Text(String),
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Dataset {
    /// An array by its name.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The lengths of a variable's dimensions; `None` where one of them is not there.
    pub fn shape(&self, variable: &Variable) -> Option<Vec<usize>> {
        let length = |name: &String| {
            let found = self.dimensions.iter().find(|known| known.name == *name);
            found.map(|dimension| dimension.length)
        };
        variable.dimensions.iter().map(length).collect()
    }
}

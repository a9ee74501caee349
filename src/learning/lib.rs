//! What conversations teach, and how that is measured. Plain computation: no network, no file, no
//! clock. [`truth`] measures whether a consultant says only what its company states;
//! [`Figures`] how well texts are put into categories.

pub mod truth;

mod classified;
mod draw;
mod rows;

pub use classified::{Bin, Category, Classified, Confused, Figures, OutOfScope};
pub use draw::{Parts, few, hold_out};
pub use rows::{Columns, Contradiction, Doubts, Row, RowProblem, read_csv, read_json};

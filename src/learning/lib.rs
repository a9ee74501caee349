//! What conversations teach, and how that is measured. Plain computation: no network, no file, no
//! clock. [`truth`] measures whether a consultant says only what its company states;
//! [`Figures`] how well texts are put into categories; [`RankedFigures`] how well the right thing is
//! found.

pub mod truth;

mod classified;
mod draw;
mod ranked;
mod rows;

pub use classified::{Bin, Category, Classified, Confused, Figures, OutOfScope};
pub use draw::{Parts, few, hold_out, some_of};
pub use ranked::{MixedUp, RankedFigures, Search, Sure, Unanswerable};
pub use rows::{Columns, Contradiction, Doubts, Row, RowProblem, read_csv, read_json};

//! x
use consultant_app as _;
use consultant_core as _;
use consultant_llm as _;
fn main() {}

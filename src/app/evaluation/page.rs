//! Pages for browsers: what was measured, in one look of its own for all.

use minijinja::Environment;
use serde::Serialize;

/// What stands at the top of every page; it takes the `title`.
const TOP: &str = include_str!("page/top.html");

/// Renders a page. Its name's ending has every value escaped: what customers say and what files
/// hold is data.
pub(super) fn render(page: &str, values: impl Serialize) -> Result<String, minijinja::Error> {
    let mut pages = Environment::new();
    pages.add_template("top.html", TOP)?;
    pages.add_template("page.html", page)?;
    pages.get_template("page.html")?.render(values)
}

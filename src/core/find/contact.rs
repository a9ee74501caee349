//! How a customer can be reached: e-mail addresses and telephone numbers.

mod email;
mod phone;
mod plausible;

pub use email::emails;
pub use phone::phones;

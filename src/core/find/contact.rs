//! How a customer can be reached: e-mail addresses and telephone numbers.

mod email;
mod phone;
mod named;
mod plausible;

pub use email::emails;
pub use phone::phones;

//! A file as a part of a form, for every channel: its name is only a name, and its type one that can
//! stand in a header.

use consultant_core::ports::PostedFile;
use reqwest::multipart::{Form, Part};

use crate::naming;

/// An empty form. Names stand in it as they are: neither the Bot API's reader of forms nor every
/// other one knows RFC 5987's notation, and a part whose file name is not found is no file.
pub(crate) fn form() -> Form {
    Form::new().percent_encode_noop()
}

/// The file as a part.
pub(crate) fn part(file: PostedFile<'_>) -> reqwest::Result<Part> {
    Part::bytes(file.content.to_vec())
        .file_name(naming::file(file.name))
        .mime_str(naming::media_type(file.media_type))
}

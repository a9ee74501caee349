//! What is said of files and places that came with a message.

use crate::{FileKind, Language};

/// The note on files that nothing here can read: they are kept for a person.
pub fn kept_for_a_person(language: Language, what: FileKind) -> String {
    let (zh, en) = file_name(what);
    match language {
        Language::ZH => {
            format!("{zh}我暂时看不懂，已为同事保留。请用文字告诉我，或者说“人工”找真人。")
        }
        _ => format!(
            "I cannot make out {en} yet, so I have kept it for a colleague. Please write it as \
             text, or say \"person\" to reach one."
        ),
    }
}

/// The note on a file that was too large.
pub fn too_large(language: Language, limit_bytes: u64) -> String {
    let megabytes = limit_bytes / 1_000_000;
    match language {
        Language::ZH => format!("文件太大了（最多 {megabytes} MB），我没能收下。请发小一点的。"),
        _ => format!(
            "That file is too large for me (at most {megabytes} MB). Please send a smaller one, or \
             say \"person\" to reach someone."
        ),
    }
}

/// The note on a file whose content is not what it claims to be.
pub fn wrong_type(language: Language) -> &'static str {
    match language {
        Language::ZH => "这个文件的内容和它的类型不符，我没有保留。",
        _ => "That file is not what its type says, so I did not keep it.",
    }
}

/// The note on a file that the platform did not hand over.
pub fn not_received(language: Language) -> &'static str {
    match language {
        Language::ZH => "您的文件没有传到，请再发一次，或者用文字告诉我。",
        _ => "Your file did not reach me. Please send it again, or write it as text.",
    }
}

/// The note on a file for which there is no room.
pub fn no_room(language: Language) -> &'static str {
    match language {
        Language::ZH => "这个文件我没有地方保存了。请用文字告诉我，或者说“人工”找真人。",
        _ => {
            "I have no room left to keep that file. Please write it as text, or say \"person\" to \
             reach someone."
        }
    }
}

/// The note on a place on the map.
pub fn place_kept(language: Language) -> &'static str {
    match language {
        Language::ZH => "位置我已为同事保留。请用文字告诉我您想了解什么？",
        _ => "I have kept your location for a colleague. What would you like to know?",
    }
}

fn file_name(what: FileKind) -> (&'static str, &'static str) {
    match what {
        FileKind::Picture => ("图片", "pictures"),
        FileKind::Voice => ("语音", "voice messages"),
        FileKind::Video => ("视频", "videos"),
        FileKind::File => ("文件", "files"),
    }
}

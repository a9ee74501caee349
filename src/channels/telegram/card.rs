//! What hangs under a message: buttons, and a picture as the preview of a link that the words do
//! not show. Telegram takes away what an edit does not name, so sends and edits name the same.

use consultant_core::Card;
use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions};

/// The buttons, one a row; none where there are none. One that Telegram could not carry is left
/// out, since it would refuse all of them.
pub(super) fn keyboard(card: Option<&Card>) -> Option<InlineKeyboardMarkup> {
    let buttons = card?.buttons.iter().filter(|button| button.press.fits());
    let rows: Vec<_> = buttons
        .map(|button| {
            let (label, press) = (button.label.clone(), button.press.to_string());
            [InlineKeyboardButton::callback(label, press)]
        })
        .collect();
    (!rows.is_empty()).then(|| InlineKeyboardMarkup::new(rows))
}

/// The card's picture; without one, links in the words get no preview, which would be somebody
/// else's picture under our offer.
pub(super) fn preview(card: Option<&Card>) -> LinkPreviewOptions {
    let url = card.and_then(|card| card.picture_url.clone());
    LinkPreviewOptions {
        is_disabled: url.is_none(),
        prefer_small_media: false,
        prefer_large_media: url.is_some(),
        show_above_text: false,
        url,
    }
}

#[cfg(test)]
mod tests {
    use consultant_core::{Button, Press};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_card_is_buttons_and_a_large_picture() {
        let button = |label: &str, press| Button {
            label: label.to_owned(),
            press,
        };
        let too_long = Press::Details("x".repeat(80).into());
        let card = Card {
            title: "Halo".to_owned(),
            price: None,
            picture_url: Some("https://example.org/halo.jpg".to_owned()),
            buttons: vec![
                button("Order", Press::Order("halo".into(), None)),
                button("More", too_long),
                button("A person", Press::Person),
            ],
        };
        let shown = json!([keyboard(Some(&card)), preview(Some(&card))]);
        let expect = json!([
            {"inline_keyboard": [
                [{"text": "Order", "callback_data": "order:halo"}],
                [{"text": "A person", "callback_data": "person"}],
            ]},
            {"url": "https://example.org/halo.jpg", "prefer_large_media": true},
        ]);
        assert_eq!(shown, expect);
        assert_eq!(keyboard(None), None);
        assert!(preview(None).is_disabled);
    }
}

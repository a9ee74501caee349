//! Whether the words before a row of digits say that it is no telephone number: an order's, an
//! invoice's, an account's.

const WORDS: [&str; 27] = [
    "order",
    "orders",
    "invoice",
    "ticket",
    "ref",
    "reference",
    "tracking",
    "parcel",
    "shipment",
    "customer",
    "account",
    "id",
    "sku",
    "ean",
    "gtin",
    "isbn",
    "barcode",
    "article",
    "item",
    "model",
    "serial",
    "vat",
    "iban",
    "case",
    "code",
    "version",
    "qq",
];
const PHONES: [&str; 8] = [
    "phone",
    "call",
    "tel",
    "telephone",
    "mobile",
    "cell",
    "whatsapp",
    "text",
];
const LIGHT: [&str; 9] = ["number", "no", "nr", "num", "is", "was", "my", "the", "s"];
const HAN: [&str; 12] = [
    "订单",
    "订单号",
    "单号",
    "编号",
    "运单",
    "发票",
    "账号",
    "卡号",
    "型号",
    "货号",
    "条码",
    "税号",
];

/// Whether the words right before name the number as something else.
pub(super) fn is_named_otherwise(before: &str) -> bool {
    let near = before.trim_end_matches(|c: char| c.is_whitespace() || ":.#是为,'".contains(c));
    if HAN.iter().any(|name| near.ends_with(name)) {
        return true;
    }
    let words = || {
        before
            .rsplit(|c: char| !c.is_alphabetic())
            .filter(|word| !word.is_empty())
    };
    let phone = words().take(6).any(|word| PHONES.contains(&word));
    let other = words()
        .find(|word| !LIGHT.contains(word))
        .is_some_and(|word| WORDS.contains(&word) && near_enough(before, word));
    other && !phone
}

/// No sentence ends between the word and the number.
fn near_enough(before: &str, word: &str) -> bool {
    let rest = before.rsplit_once(word).map_or("", |(_, rest)| rest);
    rest.chars().count() <= 16 && !rest.contains(['\n', '!', '?', ';', ','])
}

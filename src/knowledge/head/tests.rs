//! Heads that learn from a handful of texts.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// Questions about three things, in two languages, as `(text, label)`.
const EXAMPLES: [(&str, &str); 18] = [
    ("how much is the lamp", "price"),
    ("what does the desk cost", "price"),
    ("price of the chair please", "price"),
    ("how much does it cost", "price"),
    ("台灯多少钱", "price"),
    ("书桌的价格是多少钱", "price"),
    ("when will it arrive", "delivery"),
    ("do you deliver to Austria", "delivery"),
    ("how long does delivery take", "delivery"),
    ("will it arrive before Friday", "delivery"),
    ("什么时候送到", "delivery"),
    ("可以送到北京吗", "delivery"),
    ("I want a person", "person"),
    ("let me talk to a person", "person"),
    ("can a person call me", "person"),
    ("talk to somebody please", "person"),
    ("我要找人工客服", "person"),
    ("转人工客服", "person"),
];

fn labelled<'a>(examples: &[(&'a str, &'a str)]) -> Vec<Labelled<'a>> {
    let labelled = |(text, label): &(&'a str, &'a str)| Labelled {
        text,
        vector: &[],
        label,
        judges: true,
    };
    examples.iter().map(labelled).collect()
}

/// Two of each six are held back.
fn a_third_held_back() -> Training {
    Training {
        held_back: 0.34,
        ..Training::default()
    }
}

fn trained(training: &Training) -> Trained {
    train(&labelled(&EXAMPLES), training).unwrap()
}

#[rstest]
#[case("How much is the Rise desk?", "price")]
#[case("And when does it arrive?", "delivery")]
#[case("please let me talk to somebody", "person")]
#[case("椅子多少钱？", "price")]
#[case("什么时候能送到上海", "delivery")]
#[case("人工客服", "person")]
fn words_alone_tell_categories_apart(#[case] text: &str, #[case] expect: &str) {
    let head = trained(&Training::default()).head;
    assert_eq!(head.judge(text, &[]).label, expect);
}

#[test]
fn a_text_without_any_known_word_is_out_of_scope() {
    let head = trained(&a_third_held_back()).head;
    assert!(head.judge("how much is the chair", &[]).in_scope);
    for text in ["xylophone", "", "😀"] {
        let judged = head.judge(text, &[]);
        assert!(!judged.in_scope, "{text}: {judged:?}");
    }
}

#[test]
fn vectors_tell_apart_what_words_cannot() {
    let vectors = [[1.0, 0.0], [0.0, 1.0]];
    let examples: Vec<Labelled<'_>> = (0..20)
        .map(|number| Labelled {
            text: "the same words",
            vector: &vectors[number % 2],
            label: ["left", "right"][number % 2],
            judges: true,
        })
        .collect();
    let training = Training {
        encoder: Some("tiny".to_owned()),
        ..Training::default()
    };
    let head = train(&examples, &training).unwrap().head;
    assert_eq!((head.encoder(), head.dimensions()), (Some("tiny"), 2));
    let judged = |vector: &[f32]| head.judge("the same words", vector);
    assert_eq!(judged(&[0.9, 0.1]).label, "left");
    assert_eq!(judged(&[0.1, 0.9]).label, "right");
    assert!(judged(&[1.0, 0.0]).confidence > 0.8);
    // Without a vector nothing speaks for one of them.
    assert!(judged(&[]).confidence < 0.6);
}

#[test]
fn the_same_examples_make_the_same_head() {
    let training = a_third_held_back();
    let head = trained(&training).head;
    assert_eq!(trained(&training).head, head);
    let other = Training {
        seed: 2,
        ..training
    };
    assert_ne!(trained(&other).head, head);
}

#[test]
fn learning_again_is_as_sure_and_as_long_as_the_first_time() {
    let training = a_third_held_back();
    let first = trained(&training);
    let again = train_again(&labelled(&EXAMPLES), &training, &first).unwrap();
    assert_eq!(again, first);
    let fewer = train_again(&labelled(&EXAMPLES[..12]), &training, &first).unwrap();
    assert_eq!(fewer.head.labels(), ["delivery", "price"]);
    assert!(fewer.steps <= first.steps);
    let sure = |it: &Trained| (it.head.temperature, it.head.threshold);
    assert_eq!(sure(&fewer), sure(&first));
}

#[test]
fn languages_are_those_that_many_texts_are_in() {
    let all = trained(&Training::default()).head;
    assert_eq!(all.languages(), [Language::EN, Language::ZH]);
    assert!(all.reads(Language::ZH) && !all.reads("de".parse().unwrap()));
    let kept = IntentHead::from_bytes(&all.to_bytes().unwrap()).unwrap();
    assert_eq!(kept.languages(), all.languages());
    // One Chinese text of thirteen is chance.
    let english = EXAMPLES.iter().filter(|it| it.0.is_ascii());
    let mostly: Vec<_> = english.chain([&EXAMPLES[4]]).copied().collect();
    let head = train(&labelled(&mostly), &Training::default())
        .unwrap()
        .head;
    assert_eq!(head.languages(), [Language::EN]);
}

#[test]
fn a_part_is_held_back_and_judged() {
    let trained = trained(&a_third_held_back());
    assert_eq!((trained.examples, trained.held_back), (18, 6));
    assert!(trained.accuracy.is_some_and(|it| it > 0.3), "{trained:?}");
    let nothing = Training {
        held_back: 0.0,
        ..Training::default()
    };
    let all = train(&labelled(&EXAMPLES), &nothing).unwrap();
    assert_eq!((all.held_back, all.accuracy), (0, None));
}

#[test]
fn what_nobody_writes_teaches_and_never_judges() {
    let mut examples = labelled(&EXAMPLES);
    for example in &mut examples {
        example.judges = example.label == "price";
    }
    let trained = train(&examples, &a_third_held_back()).unwrap();
    assert_eq!(trained.held_back, 2);
    assert_eq!(
        trained.head.judge("when will it arrive", &[]).label,
        "delivery"
    );
}

#[test]
fn a_rare_category_can_count_as_much_as_a_usual_one() {
    let mut examples = vec![("often this", "often"); 30];
    examples.extend([("seldom this", "seldom"); 2]);
    let sure = |balanced| {
        let training = Training {
            balanced,
            held_back: 0.0,
            ..Training::default()
        };
        let head = train(&labelled(&examples), &training).unwrap().head;
        let judged = head.judge("this", &[]);
        (judged.label.to_owned(), judged.confidence)
    };
    let (plain, balanced) = (sure(false), sure(true));
    assert_eq!(plain.0, "often");
    assert!(
        balanced.0 == "seldom" || balanced.1 < plain.1,
        "{balanced:?} {plain:?}"
    );
}

#[test]
fn one_category_teaches_nothing() {
    let error = train(&labelled(&EXAMPLES[..4]), &Training::default()).unwrap_err();
    assert_eq!(error, NotTrained::TooFewCategories(1));
    let error = train(&[], &Training::default()).unwrap_err();
    assert_eq!(error, NotTrained::TooFewCategories(0));
}

#[test]
fn vectors_of_two_lengths_are_refused() {
    let mut examples = labelled(&EXAMPLES);
    examples[4].vector = &[1.0];
    let error = train(&examples, &Training::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the vector of example 5 has 1 numbers, and the first one has 0"
    );
}

#[test]
fn a_head_is_kept_in_a_file_and_judges_as_before() {
    let head = trained(&Training::default()).head;
    let file = head.to_bytes().unwrap();
    assert_eq!(file, head.to_bytes().unwrap());
    assert_eq!(IntentHead::from_bytes(&file).unwrap(), head);
}

#[test]
fn what_is_no_head_is_refused_in_words() {
    let file = trained(&Training::default()).head.to_bytes().unwrap();
    let refused = |bytes: &[u8]| IntentHead::from_bytes(bytes).unwrap_err().to_string();
    for bytes in [&[][..], b"{}", &file[..file.len() - 4], &file[..20]] {
        assert!(refused(bytes).starts_with("this is no intent head: "));
    }
    let name = b"consultant-intent-head-";
    let at = file.windows(name.len()).position(|it| it == name).unwrap();
    let mut other = file.clone();
    other[at + name.len()] = b'7';
    assert!(refused(&other).contains("`consultant-intent-head-7`"));
    let mut infinite = file;
    let end = infinite.len();
    infinite[end - 4..].copy_from_slice(&f32::INFINITY.to_le_bytes());
    assert!(refused(&infinite).contains("beyond all measure"));
}

proptest! {
    #[test]
    fn no_bytes_break_the_reading_of_a_head(at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        let mut file = trained(&Training::default()).head.to_bytes().unwrap();
        let at = at.index(file.len());
        file[at] = byte;
        if cut {
            file.truncate(at);
        }
        if let Ok(head) = IntentHead::from_bytes(&file) {
            let judged = head.judge("how much is the lamp", &[]);
            prop_assert!(judged.confidence.is_finite() && judged.energy.is_finite());
        }
    }
}

//! The embedded defaults, the generated example and the sections say the same.

use super::*;

#[test]
fn the_example_is_in_sync_and_changes_nothing_as_it_is() {
    let example = include_str!("../../../../config/example.yaml");
    assert_eq!(
        example,
        example_yaml(),
        "write it anew with `consultant config example`"
    );
    let as_it_is = World::new().config(example).loaded();
    assert_eq!(format!("{as_it_is:?}"), {
        let world = World::new();
        let shown = format!("{:?}", world.loaded());
        let here = world.folder.path().display().to_string();
        let there = as_it_is
            .data_dir
            .ancestors()
            .nth(4)
            .unwrap()
            .display()
            .to_string();
        shown.replace(&here, &there)
    });
}

#[test]
fn with_every_key_of_the_example_in_force_the_defaults_stay() {
    let key =
        |line: &&str| line.trim_start().starts_with('#') && !line.trim_start().starts_with("# ");
    let example = example_yaml();
    let keys = example.lines().filter(key).count();
    let text: Vec<String> = example
        .lines()
        .map(|line| {
            if key(&line) {
                line.replacen('#', "", 1)
            } else {
                line.to_owned()
            }
        })
        .collect();
    let world = World::new().config(text.join("\n"));
    let all: usize = sections::SECTIONS
        .iter()
        .map(|section| section.keys.len())
        .sum();
    // The comment sign alone on a line is no key.
    assert_eq!(
        keys,
        all + example.lines().filter(|line| *line == "#").count()
    );
    assert_eq!(
        world.loaded().model.max_tokens,
        World::new().loaded().model.max_tokens
    );
}

#[test]
fn the_defaults_have_exactly_the_keys_of_the_sections() {
    let text = include_str!("../../../../config/default.yaml");
    let defaults: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
    let mut there = Vec::new();
    for (name, value) in defaults.as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        match value.as_mapping() {
            Some(keys) => {
                there.extend(
                    keys.keys()
                        .map(|key| format!("{name}.{}", key.as_str().unwrap())),
                );
            }
            None => there.push(name.to_owned()),
        }
    }
    let sections = sections::SECTIONS.iter();
    let defined: Vec<String> = sections
        .flat_map(|section| section.keys.iter().map(|key| section.path_of(key.name)))
        .collect();
    assert_eq!(there, defined);
}

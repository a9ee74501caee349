//! Companies to start from, compiled in: a shop, which is also the demo, software by the seat, and
//! services by appointment. Each is a home folder: catalogue, FAQ, playbook, the rules beside it, and
//! conversations.

use clap::ValueEnum;

/// The demo company, which is the shop.
pub(crate) mod shop {
    pub(crate) const CATALOG: &str = include_str!("../../config/catalog.yaml");
    pub(crate) const FAQ: &str = include_str!("../../config/faq.yaml");
    pub(crate) const PLAYBOOK: &str = include_str!("../../scripts/playbooks/demo.rhai");
    pub(crate) const ESCALATION: &str = include_str!("../../scripts/escalation.rhai");
    pub(crate) const FAQ_RULES: &str = include_str!("../../scripts/faq.rhai");
    pub(crate) const TESTS: &str = include_str!("../../scripts/tests/demo.yaml");
    pub(crate) const PERSONAS: &str = include_str!("../../scripts/personas.yaml");
}

/// The text of a file of a starter.
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!("../../scripts/starters/", $path))
    };
}

/// A company to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Starter {
    /// Goods with prices, variants and stock.
    Shop,
    /// Software by the seat: plans, trial, demo call.
    Software,
    /// Services by appointment: days, opening hours, moving and calling off.
    Appointments,
}

/// A file of a starter: its place in the home folder, what it is for, and its text.
pub type StarterFile = (&'static str, &'static str, &'static str);

const CATALOG: (&str, &str) = ("config/catalog.yaml", "what is sold, and for how much");
const FAQ: (&str, &str) = ("config/faq.yaml", "the reviewed answers");
const RULES: &str = "how it sells: read its head first";
const ESCALATION: (&str, &str) = ("scripts/escalation.rhai", "when a person is needed");
const FAQ_RULES: (&str, &str) = ("scripts/faq.rhai", "what becomes a reviewed answer");
const TALKS: &str = "what must come of conversations";
const PERSONAS: (&str, &str) = ("scripts/personas.yaml", "customers who try it for you");

impl Starter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shop, Self::Software, Self::Appointments];

    /// The name that the command line uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Software => "software",
            Self::Appointments => "appointments",
        }
    }

    /// What it is, in one line.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Shop => "Lumen & Loft sells goods with variants and stock, alone or in bundles",
            Self::Software => "Fernwick sells plans by the seat, with a trial and demo calls",
            Self::Appointments => "Gear & Gable takes appointments on the days when it is open",
        }
    }

    /// Its files.
    pub const fn files(self) -> [StarterFile; 7] {
        match self {
            Self::Shop => [
                (CATALOG.0, CATALOG.1, shop::CATALOG),
                (FAQ.0, FAQ.1, shop::FAQ),
                ("scripts/playbooks/demo.rhai", RULES, shop::PLAYBOOK),
                (ESCALATION.0, ESCALATION.1, shop::ESCALATION),
                (FAQ_RULES.0, FAQ_RULES.1, shop::FAQ_RULES),
                ("scripts/tests/demo.yaml", TALKS, shop::TESTS),
                (PERSONAS.0, PERSONAS.1, shop::PERSONAS),
            ],
            Self::Software => [
                (CATALOG.0, CATALOG.1, text!("software/config/catalog.yaml")),
                (FAQ.0, FAQ.1, text!("software/config/faq.yaml")),
                (
                    "scripts/playbooks/software.rhai",
                    RULES,
                    text!("software/scripts/playbooks/software.rhai"),
                ),
                (
                    ESCALATION.0,
                    ESCALATION.1,
                    text!("software/scripts/escalation.rhai"),
                ),
                (FAQ_RULES.0, FAQ_RULES.1, text!("software/scripts/faq.rhai")),
                (
                    "scripts/tests/software.yaml",
                    TALKS,
                    text!("software/scripts/tests/software.yaml"),
                ),
                (
                    PERSONAS.0,
                    PERSONAS.1,
                    text!("software/scripts/personas.yaml"),
                ),
            ],
            Self::Appointments => [
                (
                    CATALOG.0,
                    CATALOG.1,
                    text!("appointments/config/catalog.yaml"),
                ),
                (FAQ.0, FAQ.1, text!("appointments/config/faq.yaml")),
                (
                    "scripts/playbooks/appointments.rhai",
                    RULES,
                    text!("appointments/scripts/playbooks/appointments.rhai"),
                ),
                (
                    ESCALATION.0,
                    ESCALATION.1,
                    text!("appointments/scripts/escalation.rhai"),
                ),
                (
                    FAQ_RULES.0,
                    FAQ_RULES.1,
                    text!("appointments/scripts/faq.rhai"),
                ),
                (
                    "scripts/tests/appointments.yaml",
                    TALKS,
                    text!("appointments/scripts/tests/appointments.yaml"),
                ),
                (
                    PERSONAS.0,
                    PERSONAS.1,
                    text!("appointments/scripts/personas.yaml"),
                ),
            ],
        }
    }
}

//! The standard's words for a kind of danger: section 3.2.2, `category` to `certainty`.

use gengfu_core::danger::{Danger, Priority};

use super::Stage;

/// What one `info` says in the standard's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Levels {
    pub category: &'static str,
    pub response: &'static str,
    pub urgency: &'static str,
    pub severity: &'static str,
    pub certainty: &'static str,
}

/// Of a danger at a stage. `confirmed`: somebody is or was on the spot.
pub(super) fn levels(danger: Danger, priority: Priority, stage: Stage, confirmed: bool) -> Levels {
    let (category, response, urgency, severity, certainty) = match danger {
        Danger::Fire => ("Fire", "Evacuate", "Immediate", "Extreme", "Likely"),
        // The passenger has pressed the button: nothing is inferred.
        Danger::Trapped => ("Rescue", "Assess", "Immediate", "Severe", "Observed"),
        Danger::Gas => ("Safety", "Evacuate", "Immediate", "Severe", "Likely"),
        Danger::Water => ("Infra", "Assess", "Expected", "Moderate", "Likely"),
        Danger::Lift => ("Infra", "Assess", "Expected", "Minor", "Likely"),
        Danger::Gate => ("Security", "Assess", "Expected", "Minor", "Possible"),
        Danger::Fault => ("Infra", "Assess", "Expected", "Minor", "Observed"),
    };
    let mut levels = Levels { category, response, urgency, severity, certainty };
    if priority == Priority::Critical {
        levels.urgency = "Immediate";
        if matches!(severity, "Moderate" | "Minor") {
            levels.severity = "Severe";
        }
    }
    if confirmed {
        levels.certainty = "Observed";
    }
    match stage {
        Stage::Over(_) => {
            Levels { response: "AllClear", urgency: "Past", severity: "Minor", ..levels }
        }
        Stage::Test => Levels {
            response: "None",
            urgency: "Unknown",
            severity: "Unknown",
            certainty: "Unknown",
            ..levels
        },
        _ => levels,
    }
}

#[cfg(test)]
mod tests {
    use gengfu_core::incident::Cause;

    use super::*;

    /// The standard's words, section 3.2.2.
    const CATEGORIES: [&str; 12] = [
        "Geo",
        "Met",
        "Safety",
        "Security",
        "Rescue",
        "Fire",
        "Health",
        "Env",
        "Transport",
        "Infra",
        "CBRNE",
        "Other",
    ];
    const RESPONSES: [&str; 9] = [
        "Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear",
        "None",
    ];
    const URGENCIES: [&str; 5] = ["Immediate", "Expected", "Future", "Past", "Unknown"];
    const SEVERITIES: [&str; 5] = ["Extreme", "Severe", "Moderate", "Minor", "Unknown"];
    const CERTAINTIES: [&str; 5] = ["Observed", "Likely", "Possible", "Unlikely", "Unknown"];

    #[test]
    fn every_word_is_one_of_the_standard_s() {
        let stages =
            [Stage::Opened, Stage::There, Stage::Over(Cause::Fixed), Stage::Lasting, Stage::Test];
        for danger in Danger::ALL {
            for priority in [Priority::Low, Priority::High, Priority::Critical] {
                for (stage, confirmed) in stages.into_iter().flat_map(|s| [(s, false), (s, true)]) {
                    let said = levels(danger, priority, stage, confirmed);
                    let all = format!("{danger:?} {priority:?} {stage:?}: {said:?}");
                    assert!(CATEGORIES.contains(&said.category), "{all}");
                    assert!(RESPONSES.contains(&said.response), "{all}");
                    assert!(URGENCIES.contains(&said.urgency), "{all}");
                    assert!(SEVERITIES.contains(&said.severity), "{all}");
                    assert!(CERTAINTIES.contains(&said.certainty), "{all}");
                }
            }
        }
    }

    #[test]
    fn a_fire_is_likely_until_somebody_has_seen_it() {
        let of = |confirmed| levels(Danger::Fire, Priority::Critical, Stage::Opened, confirmed);
        let words = |said: Levels| (said.urgency, said.severity, said.certainty);
        assert_eq!(words(of(false)), ("Immediate", "Extreme", "Likely"));
        assert_eq!(words(of(true)), ("Immediate", "Extreme", "Observed"));
        let water = levels(Danger::Water, Priority::Critical, Stage::Opened, false);
        assert_eq!(words(water), ("Immediate", "Severe", "Likely"), "a life may hang on it");
    }
}

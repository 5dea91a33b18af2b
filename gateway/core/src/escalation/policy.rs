//! Policies: steps of targets, each with its own wait. A copy goes into each incident at its opening.

use serde::{Deserialize, Serialize};

use crate::{
    danger::Danger,
    id::{PersonId, PlaceId, PointId, PolicyId, RosterId},
    time::Span,
};

/// The order in which people are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name for programs.
    pub id: PolicyId,
    /// Its name for people.
    pub name: String,
    /// The dangers it is for; empty for any.
    #[serde(default)]
    pub dangers: Vec<Danger>,
    /// The places (and what is inside them) it is for; empty for any.
    #[serde(default)]
    pub places: Vec<PlaceId>,
    /// The steps, first to last. After the last one it begins again at the first.
    pub steps: Vec<Step>,
    /// With nobody's answer after this long, everybody gets the loud prompt to call 119 or 96333.
    #[serde(default = "three_minutes")]
    pub prompt_after: Span,
    /// The loud prompt repeats at this interval until somebody answers.
    #[serde(default = "three_minutes")]
    pub prompt_every: Span,
    /// Who said "I'm going" must say "I'm there" within this long, or they are asked again and the
    /// next step is started.
    #[serde(default = "quarter")]
    pub arrive_within: Span,
    /// Times since the opening at which everybody told is reminded that it is not over:
    /// for a trapped passenger 15 and 30 minutes.
    #[serde(default)]
    pub reminders: Vec<Span>,
}

/// One step: these are asked, then there is a wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Who is asked. A step with nobody on it is skipped at once.
    pub targets: Vec<Target>,
    /// How long they have; 45 s (ASME A17.1).
    #[serde(default = "forty_five")]
    pub wait: Span,
    /// These are called at once and counted besides, once an incident: see [`crate::muster`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub muster: Vec<Target>,
    /// These are switched on then, for their usual time: a siren as the last resort, a gate for the
    /// fire engine.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub switch_on: Vec<PointId>,
}

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// Whoever is on duty for this roster then.
    OnCall(RosterId),
    /// This person, always. An outside centre is a person too: one with a webhook for a method.
    Person(PersonId),
    /// Everybody who is named in this roster.
    Team(RosterId),
    /// Everybody who lives at this place, or at one inside it.
    Residents(PlaceId),
    /// Everybody with a way of being reached; a step asks none who are residents only, a muster calls
    /// them too.
    Everyone,
}

fn forty_five() -> Span {
    Span::secs(45)
}
fn three_minutes() -> Span {
    Span::mins(3)
}
fn quarter() -> Span {
    Span::mins(15)
}

impl Policy {
    /// What holds where nobody has written a policy: everybody, at once, again and again. A site
    /// that is half set up must be loud rather than silent.
    pub fn everyone(danger: Danger) -> Self {
        // A trapped passenger: a warning at 15 minutes, and the 30 that are allowed in cities.
        let trapped = [Span::mins(15), Span::mins(30)];
        Self {
            id: PolicyId::from("everyone"),
            name: "everyone".into(),
            dangers: vec![],
            places: vec![],
            steps: vec![Step {
                targets: vec![Target::Everyone],
                wait: forty_five(),
                muster: vec![],
                switch_on: vec![],
            }],
            prompt_after: three_minutes(),
            prompt_every: three_minutes(),
            arrive_within: quarter(),
            reminders: if danger == Danger::Trapped { trapped.to_vec() } else { vec![] },
        }
    }

    /// Whoever tests a device is told, once; nothing follows.
    pub fn walk_test(tester: &[PersonId]) -> Self {
        let never = Span::hours(24);
        Self {
            id: PolicyId::from("walk-test"),
            name: "walk test".into(),
            dangers: vec![],
            places: vec![],
            steps: vec![Step {
                targets: tester.iter().cloned().map(Target::Person).collect(),
                wait: never,
                muster: vec![],
                switch_on: vec![],
            }],
            prompt_after: never,
            prompt_every: never,
            arrive_within: never,
            reminders: vec![],
        }
    }

    /// How closely this policy is meant for such an alarm: `None` for not at all; naming the danger
    /// outweighs naming a place, a nearer place outweighs a wider one.
    pub fn fit<'a>(
        &self,
        danger: Danger,
        around: impl IntoIterator<Item = &'a PlaceId>,
    ) -> Option<u32> {
        let by_danger = match (self.dangers.is_empty(), self.dangers.contains(&danger)) {
            (true, _) => 0,
            (false, true) => 100,
            (false, false) => return None,
        };
        if self.places.is_empty() {
            return Some(by_danger);
        }
        let depth = around.into_iter().position(|place| self.places.contains(place))?;
        Some(by_danger + 50_u32.saturating_sub(u32::try_from(depth).unwrap_or(50)))
    }
}

//! "Who is on now?", asked by telephone or by text: the answer in words, fit to be read and to be
//! spoken.

use gengfu_core::{
    text::Language,
    time::{Span, Timestamp},
};
use jiff::{ZonedDateTime, tz::TimeZone};

use crate::plain::plain;

/// What is further off than this is not told: in two months it is another roster.
pub const FURTHEST: Span = Span::hours(60 * 24);

/// Who is on call by one roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// What people call the roster.
    pub roster: String,
    /// The IANA time zone by whose wall clock it goes.
    pub time_zone: String,
    /// The names of those who are on call; nobody where this is empty.
    pub people: Vec<String>,
    /// When others take over; none where that is further off than anybody wants to know.
    pub until: Option<Timestamp>,
}

/// What somebody is told who asks at `now`: a sentence for each roster.
pub fn words(duties: &[Duty], now: Timestamp, language: Language) -> String {
    let sentences: Vec<String> = duties.iter().map(|duty| sentence(duty, now, language)).collect();
    match language {
        Language::Zh if sentences.is_empty() => "没有排班表。".to_owned(),
        Language::En if sentences.is_empty() => "There is no roster.".to_owned(),
        Language::Zh => format!("现在值班。{}", sentences.concat()),
        Language::En => format!("On call now. {}", sentences.join(" ")),
    }
}

fn sentence(duty: &Duty, now: Timestamp, language: Language) -> String {
    let people: Vec<String> = duty.people.iter().map(|name| plain(name)).collect();
    let roster = plain(&duty.roster);
    let until = duty.until.map(|until| moment(until, now, &duty.time_zone, language));
    match (language, people.is_empty(), until) {
        (Language::Zh, false, Some(until)) => {
            format!("{roster}：{}，到{until}。", people.join("、"))
        }
        (Language::Zh, false, None) => format!("{roster}：{}。", people.join("、")),
        (Language::Zh, true, Some(until)) => format!("{roster}：没有人，到{until}。"),
        (Language::Zh, true, None) => format!("{roster}：没有人。"),
        (Language::En, false, Some(until)) => {
            format!("{roster}: {}, until {until}.", people.join(", "))
        }
        (Language::En, false, None) => format!("{roster}: {}.", people.join(", ")),
        (Language::En, true, Some(until)) => format!("{roster}: nobody, until {until}."),
        (Language::En, true, None) => format!("{roster}: nobody."),
    }
}

/// An instant by the wall clock, with its day as people name it.
fn moment(at: Timestamp, now: Timestamp, time_zone: &str, language: Language) -> String {
    let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
    let at = at.to_jiff().to_zoned_datetime(zone.clone());
    let clock = match language {
        Language::Zh if at.minute() == 0 => format!("{}点", at.hour()),
        Language::Zh => format!("{}点{:02}分", at.hour(), at.minute()),
        Language::En => format!("{}:{:02}", at.hour(), at.minute()),
    };
    match day(&at, &now.to_jiff().to_zoned_datetime(zone), language) {
        day if day.is_empty() => clock,
        day if language == Language::En => format!("{day} {clock}"),
        day => day + &clock,
    }
}

/// The day: none for today, then tomorrow, the day of the week, the date.
fn day(at: &ZonedDateTime, now: &ZonedDateTime, language: Language) -> String {
    let mut ahead = 0;
    let mut date = now.date();
    while date < at.date() && ahead < 7 {
        let Ok(next) = date.tomorrow() else { break };
        (date, ahead) = (next, ahead + 1);
    }
    const ZH: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
    match (ahead, language) {
        (0, _) => String::new(),
        (1, Language::Zh) => "明天".to_owned(),
        (1, Language::En) => "tomorrow".to_owned(),
        (2..7, Language::Zh) => {
            let number = usize::from(at.weekday().to_monday_zero_offset().unsigned_abs());
            format!("星期{}", ZH.get(number).unwrap_or(&""))
        }
        (2..7, Language::En) => at.strftime("%A").to_string(),
        (_, Language::Zh) => format!("{}月{}日", at.month(), at.day()),
        (_, Language::En) => at.strftime("%-d %B").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn duty(people: &[&str], until: Option<&str>) -> Duty {
        Duty {
            roster: "夜班".into(),
            time_zone: "Asia/Shanghai".into(),
            people: people.iter().map(|&name| name.to_owned()).collect(),
            until: until.map(|at| at.parse().unwrap()),
        }
    }

    fn told(duties: &[Duty], language: Language) -> String {
        words(duties, "2026-11-23T12:30:00Z".parse().unwrap(), language)
    }

    #[test]
    fn each_roster_is_told_with_its_people_and_until_when() {
        let two = [
            duty(&["李华", "王敏"], Some("2026-11-24T00:00:00Z")),
            duty(&[], Some("2026-11-23T14:05:00Z")),
        ];
        assert_eq!(
            told(&two, Language::Zh),
            "现在值班。夜班：李华、王敏，到明天8点。夜班：没有人，到22点05分。"
        );
        assert_eq!(
            told(&two, Language::En),
            "On call now. 夜班: 李华, 王敏, until tomorrow 8:00. 夜班: nobody, until 22:05."
        );
        assert_eq!(told(&[], Language::Zh), "没有排班表。");
        assert_eq!(told(&[duty(&["Li"], None)], Language::En), "On call now. 夜班: Li.");
    }

    #[test]
    fn days_are_named_as_people_name_them_by_the_rosters_own_clock() {
        for (until, zh, en) in [
            ("2026-11-23T15:59:00Z", "23点59分", "23:59"),
            ("2026-11-23T16:00:00Z", "明天0点", "tomorrow 0:00"),
            ("2026-11-25T00:00:00Z", "星期三8点", "Wednesday 8:00"),
            ("2026-11-29T00:00:00Z", "星期日8点", "Sunday 8:00"),
            ("2026-11-30T00:00:00Z", "11月30日8点", "30 November 8:00"),
            ("2027-11-23T00:00:00Z", "11月23日8点", "23 November 8:00"),
        ] {
            let duties = [duty(&["Li"], Some(until))];
            assert_eq!(told(&duties, Language::Zh), format!("现在值班。夜班：Li，到{zh}。"));
            let expected = format!("On call now. 夜班: Li, until {en}.");
            assert_eq!(told(&duties, Language::En), expected);
        }
    }
}

//! The usual cards: what is right in nearly every building. 119 fire, 120 ambulance, 110 police, 96333
//! lift rescue.

use crate::danger::Danger;

/// The steps in Chinese and English.
pub(super) fn steps(danger: Danger) -> &'static [(&'static str, &'static str)] {
    match danger {
        Danger::Fire => FIRE,
        Danger::Trapped => TRAPPED,
        Danger::Gas => GAS,
        Danger::Water => WATER,
        Danger::Lift => LIFT,
        Danger::Gate => GATE,
        Danger::Fault => FAULT,
    }
}

const FIRE: &[(&str, &str)] = &[
    (
        "先打 119：说清小区、楼号、楼层，有没有人被困。",
        "Call 119 first: say the compound, building and floor, and whether anybody is inside.",
    ),
    (
        "敲门、喊话，叫大家走楼梯下楼。不要乘电梯。",
        "Knock, shout, send everybody down the stairs. Never the lift.",
    ),
    (
        "门摸着烫，不要开。有烟就弯低身子退回来。",
        "Don't open a door that feels hot. Where there is smoke, stay low and turn back.",
    ),
    (
        "火很小、身后有退路，才用灭火器。否则关上门离开。",
        "Use an extinguisher only on a small fire with a way out behind you. Otherwise shut the door and leave.",
    ),
    (
        "有人自己走不了：能安全到才去帮；到不了，告诉消防员是哪一户。",
        "Help those who can't walk only where it is safe for you. Otherwise tell the fire crew which flat.",
    ),
    (
        "派一个人到大门口接消防车，把通道让开。",
        "Send somebody to the gate to meet the fire engine, and keep the way clear.",
    ),
];

const TRAPPED: &[(&str, &str)] = &[
    (
        "先和里面的人说话：轿厢里有空气，救援马上来。",
        "Talk to them first, through the door or the intercom: air comes in, help is on its way.",
    ),
    // Second: a text says two steps, and this one must be among them.
    (
        "您不要扒门、撬门。断电、盘车只能由受过训练的人做。",
        "Never pry the doors yourself. Only trained persons switch the lift off and move the car.",
    ),
    (
        "问有几个人，有没有受伤、不舒服。有就打 120。",
        "Ask how many they are and whether anybody is hurt or unwell. If so, call 120.",
    ),
    (
        "打 96333，报电梯标牌上的识别码；再通知维保单位。",
        "Call 96333 and give the code on the lift's sign. Then call the maintenance company.",
    ),
    (
        "请他们离门远一点，不要扒门，不要从缝里爬出来。",
        "Ask them to keep away from the doors, and not to force them or climb out.",
    ),
    (
        "不要走开，每几分钟说说话。有烟，或者一直没人来：打 119。",
        "Stay, and talk to them every few minutes. Smoke, or nobody comes: call 119.",
    ),
];

const GAS: &[(&str, &str)] = &[
    (
        "不开灯，不关灯，不按门铃，不点火。在楼里不打电话。",
        "No switch on or off, no doorbell, no flame. No phone inside.",
    ),
    ("敲门叫大家走楼梯出来。", "Knock, and get everybody out by the stairs."),
    (
        "顺路打开门窗；在户外或楼道能关的阀门，关上。",
        "Open doors and windows on your way, and close the valve from outside the flat.",
    ),
    (
        "走到室外远处，再打燃气公司抢修电话和 119。",
        "Go outdoors, well away. Then call the gas company's emergency number and 119.",
    ),
    (
        "有人头晕、恶心、昏倒：抬到空气新鲜的地方，打 120。",
        "Anybody dizzy, sick or unconscious: into fresh air, then call 120.",
    ),
    (
        "燃气公司说安全之前，谁也不要进去。",
        "Nobody goes back in before the gas company says it is safe.",
    ),
];

const WATER: &[(&str, &str)] = &[
    (
        "先看水离电有多近。水碰到插座、配电箱、电缆，不要进去。",
        "Look first. Where water is at sockets, a switchboard or cables, stay out.",
    ),
    ("请懂电的人先把那里的电断开。", "Have somebody who knows how switch the power off there."),
    (
        "关上漏水那一路的阀门；找不到，就关总阀。",
        "Close the valve of that pipe. If you can't find it, close the main one.",
    ),
    (
        "水往电梯井流：叫大家不要乘电梯，通知维保单位。",
        "Water running into a lift shaft: nobody uses the lift, call the maintenance company.",
    ),
    ("告诉楼下的住户。", "Tell the flats below."),
];

const LIFT: &[(&str, &str)] = &[
    (
        "先确认里面没有人：敲门、喊话，看有没有人回答。",
        "Make sure first that nobody is inside: knock, call, and listen.",
    ),
    (
        "里面有人：不要扒门，和他们说话，打 96333。",
        "Somebody is inside: don't force the doors, talk to them, call 96333.",
    ),
    (
        "在各层门口放“停用”牌，一楼先放。",
        "Put out-of-order signs at the landing doors, the ground floor first.",
    ),
    (
        "不要自己断电重启，不要进机房。",
        "Don't switch it off and on, and keep out of the machine room.",
    ),
    ("通知维保单位。", "Call the maintenance company."),
];

const GATE: &[(&str, &str)] = &[
    (
        "先从远处看清楚。不要一个人上前。",
        "Look from a distance first. Don't go up to a stranger alone.",
    ),
    ("有人闯入，或者您觉得危险：打 110。", "Somebody has broken in, or you feel unsafe: call 110."),
    (
        "门打不开：先让里面的人出得来，消防车、救护车进得来。",
        "It does not open: make sure first that people get out, and fire engine and ambulance get in.",
    ),
    (
        "门关不上：找人看着，直到修好。",
        "It does not shut: have somebody watch it until it is mended.",
    ),
];

const FAULT: &[(&str, &str)] = &[
    (
        "修好之前，这里没有设备看着：请自己去看一看。",
        "Until it works nothing watches this place: go and have a look yourself.",
    ),
    (
        "看设备有没有电，网线插好没有。",
        "See whether the device has power and its network cable is in.",
    ),
    ("不要打开配电箱、控制柜。", "Open no switchboard and no control cabinet."),
    (
        "还是不行，找安装人员或管理员。",
        "If that does not help, call the installer or the maintainer.",
    ),
];

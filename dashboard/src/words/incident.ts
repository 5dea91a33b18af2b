// Words of the incident's page. Its reader was asleep a minute ago: short, plain, no jargon.

export const incident = {
  // Where it stands
  all_incidents: { zh: '全部警报', en: 'All incidents' },
  phase_calling: { zh: '正在找人去现场', en: 'Looking for somebody to go' },
  phase_me_going: { zh: '您正在赶去现场', en: 'You are on your way' },
  phase_going: { zh: '{names} 正在赶去', en: '{names} on the way' },
  phase_me_there: { zh: '您已到现场', en: 'You are there' },
  phase_there: { zh: '{names} 已到现场', en: '{names} on the spot' },
  phase_ended: { zh: '已结束', en: 'It is over' },
  list_and: { zh: '、', en: ', ' },
  step_call: { zh: '叫人', en: 'Calling' },
  step_going: { zh: '路上', en: 'Going' },
  step_there: { zh: '到场', en: 'There' },
  step_over: { zh: '解除', en: 'Over' },
  next_person_in: {
    zh: '如果没人回答，{seconds} 秒后叫下一位',
    en: 'If nobody answers, the next person is asked in {seconds} s',
  },
  next_person_at: {
    zh: '如果没人回答，{time} 叫下一位',
    en: 'If nobody answers, the next person is asked at {time}',
  },
  next_person_now: { zh: '正在叫下一位', en: 'Asking the next person now' },
  arrive_by: {
    zh: '到了以后，请按「我到了」。{time} 还没到，会再叫别人。',
    en: 'When you get there, press “I’m there”. If that is not by {time}, others are asked too.',
  },

  // The clock
  since_opening: { zh: '已经过去 {minutes} 分钟', en: '{minutes} minutes since it began' },
  began_at: { zh: '{time} 开始', en: 'Began at {time}' },
  target: { zh: '30 分钟内要有人到场', en: 'Somebody must be there within 30 minutes' },
  target_met: { zh: '已经有人在场', en: 'Somebody is there' },
  target_half: { zh: '过了 15 分钟，请抓紧', en: 'More than 15 minutes: please hurry' },
  target_over: { zh: '超过 30 分钟了', en: 'More than 30 minutes' },
  quarter_mark: { zh: '15 分', en: '15 min' },
  half_mark: { zh: '30 分', en: '30 min' },

  // Help from outside
  fire_first: { zh: '先打 119，再做别的', en: 'Call 119 first' },
  fire_care: { zh: '不要乘电梯。有烟不要进去。', en: "Don't take the lift. Don't go into smoke." },
  trapped_care: {
    zh: '和里面的人说话，让他们安心。不要扒门。',
    en: "Talk to the people inside and keep them calm. Don't force the doors.",
  },
  gas_care: {
    zh: '不要开关电器，不要点火。开窗，叫大家出来。',
    en: "Don't touch switches, no flames. Open windows and get everybody out.",
  },
  nobody: { zh: '还没有人回答', en: 'Nobody has answered yet' },
  nobody_what: {
    zh: '如果您去不了，请打 119。',
    en: "If you can't go, call 119.",
  },
  nobody_what_lift: {
    zh: '如果您去不了，请打电梯救援 96333 或 119。',
    en: "If you can't go, call 96333 for lift rescue, or 119.",
  },
  lift_rescue: { zh: '电梯救援 96333', en: 'Lift rescue 96333' },

  // The buttons
  going: { zh: '我去', en: "I'm going" },
  also_going: { zh: '我也去', en: "I'm going too" },
  there: { zh: '我到了', en: "I'm there" },
  hand_over: { zh: '转交', en: 'Hand over' },
  cannot: { zh: '我去不了', en: "I can't go" },
  rescued: { zh: '人已救出', en: 'Passenger is out' },
  all_clear: { zh: '解除警报', en: 'All clear' },
  done_going: { zh: '收到，大家知道您要去了。', en: 'Got it. Everybody knows that you are going.' },
  done_there: { zh: '收到，大家知道您到了。', en: 'Got it. Everybody knows that you are there.' },
  done_handed: { zh: '已转交，正在叫人。', en: 'Handed over. Somebody else is being asked.' },
  your_buttons: { zh: '您可以做的', en: 'What you can do' },

  // Handing over
  hand_over_to: { zh: '转交给谁？', en: 'Hand over to whom?' },
  whoever_next: { zh: '下一位有空的人', en: 'Whoever is next' },
  whoever_next_what: { zh: '系统马上去叫', en: 'They are asked at once' },
  hand_over_now: { zh: '转交', en: 'Hand over' },

  // Ending
  end_why_rescued: { zh: '怎么结束的？', en: 'How did it end?' },
  cause_rescued: { zh: '人已救出，都平安', en: 'The passenger is out and safe' },
  cause_rescued_other: { zh: '人已安全', en: 'Everybody is safe' },
  cause_fixed: { zh: '故障修好了', en: 'The fault is mended' },
  cause_false_alarm: { zh: '误报，没有事', en: 'False alarm, there was nothing' },
  cause_drill: { zh: '演习、测试', en: 'A drill or a test' },
  cause_other: { zh: '其他原因', en: 'Something else' },
  cause_cleared: { zh: '警报自己消失了', en: 'The alarms went by themselves' },
  note: { zh: '想补充什么？（可以不写）', en: 'Anything to add? (optional)' },
  end_next: { zh: '下一步', en: 'Next' },
  end_sure: { zh: '真的结束了吗？', en: 'Is it really over?' },
  end_sure_trapped: {
    zh: '请确认电梯里已经没有人。按下以后，不会再叫人来。',
    en: 'Make sure that nobody is left in the lift. After this nobody else is called.',
  },
  end_sure_fire: {
    zh: '请确认火已经灭了，人都安全。按下以后，不会再叫人来。',
    en: 'Make sure that the fire is out and everybody is safe. After this nobody else is called.',
  },
  end_sure_other: {
    zh: '按下以后，会告诉大家已经结束，不再叫人来。',
    en: 'Everybody is told that it is over, and nobody else is called.',
  },
  end_yes: { zh: '是的，结束', en: 'Yes, it is over' },
  end_no: { zh: '还没有', en: 'Not yet' },

  // Others
  who_is_going: { zh: '谁去', en: 'Who is going' },
  who_went: { zh: '谁去了', en: 'Who went' },
  nobody_going: { zh: '还没有人说要去', en: 'Nobody has said so yet' },
  going_since: { zh: '{time} 说要去', en: 'said so at {time}' },
  arrived_at: { zh: '{time} 到场', en: 'there since {time}' },
  who_was_told: { zh: '通知了谁', en: 'Who has been told' },
  nobody_told: { zh: '还没有通知任何人', en: 'Nobody has been told yet' },
  me: { zh: '（您）', en: '(you)' },
  channel_push: { zh: '手机推送', en: 'Phone notification' },
  channel_ntfy: { zh: 'ntfy 推送', en: 'ntfy' },
  channel_mail: { zh: '邮件', en: 'E-mail' },
  channel_webhook: { zh: '接警系统', en: 'Receiving system' },
  channel_sms: { zh: '短信', en: 'Text message' },
  channel_phone: { zh: '电话', en: 'Phone call' },
  channel_telegram: { zh: 'Telegram 消息', en: 'Telegram' },
  channel_wecom: { zh: '企业微信群', en: 'WeCom group' },
  channel_dingtalk: { zh: '钉钉群', en: 'DingTalk group' },
  channel_feishu: { zh: '飞书群', en: 'Feishu group' },
  one_way: { zh: '（只能看，不能回答）', en: '(can’t be answered)' },
  status_due: { zh: '正在发送', en: 'being sent' },
  status_accepted: { zh: '已发出，还没确认收到', en: 'sent, not yet confirmed' },
  status_delivered: { zh: '已送到手机', en: 'delivered' },
  status_answered: { zh: '已回答', en: 'answered' },
  status_failed: { zh: '没送到', en: 'failed' },
  status_cancelled: { zh: '不需要了', en: 'not needed any more' },

  // What happened
  timeline: { zh: '经过', en: 'What happened' },
  earlier: { zh: '更早的 {count} 条', en: '{count} earlier entries' },
  did_open: { zh: '警报开始', en: 'The alarm began' },
  did_raise: { zh: '报警：{name}', en: 'Alarm: {name}' },
  did_clear: { zh: '报警消失：{name}', en: 'Alarm gone: {name}' },
  did_ask: { zh: '叫了 {names}', en: 'Asked {names}' },
  did_ask_none: { zh: '这一步没有人可叫', en: 'Nobody to ask at this step' },
  did_acknowledge: { zh: '{name} 说「我去」', en: '{name} said “I’m going”' },
  did_arrive: { zh: '{name} 到了现场', en: '{name} is there' },
  did_hand_over: { zh: '{name} 转交了', en: '{name} handed over' },
  did_hand_over_to: { zh: '{name} 转交给 {to}', en: '{name} handed over to {to}' },
  did_lapse: { zh: '没有{name}的回音', en: 'nothing more was heard of {name}' },
  did_prompt: {
    zh: '没有人回答，已提醒大家打 119',
    en: 'Nobody answered: all were told to call 119',
  },
  did_rest: {
    zh: '大家都在休息，等最早醒的人',
    en: 'Everybody has quiet hours: it waits for the first who wakes',
  },
  did_muster: { zh: '全员通知：{count} 人', en: 'Everybody was called: {count} people' },
  did_remind: { zh: '{minutes} 分钟了，还没结束', en: 'Not over after {minutes} minutes' },
  did_end: { zh: '{name} 结束：{cause}', en: '{name} ended it: {cause}' },
  did_end_alone: { zh: '结束：{cause}', en: 'Over: {cause}' },
  an_alarm: { zh: '其中一个', en: 'one of them' },
  somebody: { zh: '有人', en: 'Somebody' },
  all_alarms: { zh: '{count} 个报警', en: '{count} alarms' },
  alarm_active: { zh: '还在', en: 'still there' },
  alarm_gone: { zh: '已消失', en: 'gone' },
  flood: { zh: '短时间内来了很多报警，合在一起', en: 'Many alarms in a short time, gathered here' },

  // Over
  over_thanks: { zh: '谢谢您。可以去休息了。', en: 'Thank you. You can rest now.' },
  over_by: { zh: '{name} 在 {time} 结束', en: 'Ended by {name} at {time}' },
  over_at: { zh: '{time} 结束', en: 'Ended at {time}' },
  over_took: { zh: '一共 {minutes} 分钟', en: 'It took {minutes} min' },

  // Trouble
  link_expired: { zh: '这个链接已经过期', en: 'This link has expired' },
  link_expired_what: {
    zh: '请打开最新的那条通知，或者登录查看。',
    en: 'Open the newest message that you were sent, or sign in.',
  },
  link_bad: { zh: '这个链接打不开', en: "This link doesn't work" },
  link_bad_what: {
    zh: '链接可能没有复制完整。请回到通知里再点一次，或者登录查看。',
    en: 'It may have been cut off. Go back to the message and tap it again, or sign in.',
  },
  missing: { zh: '没有这件事的记录', en: 'There is no record of this' },
  missing_what: { zh: '它可能已经很久了。', en: 'It may be long past.' },
  unreachable: { zh: '连不上网关', en: "The gateway can't be reached" },
  unreachable_what: {
    zh: '正在不断重试。请看看手机有没有信号。',
    en: 'Trying again all the time. Check that your phone has a signal.',
  },
  danger_119: { zh: '如果有人有危险，请打 119。', en: 'If somebody is in danger, call 119.' },
  changed: {
    zh: '情况刚刚变了，请看上面最新的。',
    en: 'Things have just changed. Look at the page above.',
  },
  sign_in: { zh: '登录', en: 'Sign in' },
  no_public_url: {
    zh: '没有设置 public_url：发出的消息里没有链接，别人不能直接回答。',
    en: 'public_url is not set: messages carry no link, so nobody can answer from them.',
  },

  // What to do first, who needs help, where the keys are
  beside: { zh: '现场画面和开关', en: 'Pictures, and what can be switched' },
  do_first: { zh: '先做什么', en: 'What to do first' },
  flats: { zh: '需要帮助的住户', en: 'Flats that need help' },
  things: { zh: '钥匙与救援工具', en: 'Keys and rescue kit' },
  held_by: { zh: '保管人：{name}', en: 'Held by {name}' },
};

// Words about calling everybody: the link of whoever is called, and the pages of whoever calls.

export const muster = {
  title: { zh: '全员通知', en: 'To everybody' },
  drill: {
    zh: '这是演习，没有真的出事。',
    en: 'This is a drill: nothing happened.',
  },
  how_are_you: { zh: '您平安吗？', en: 'Are you safe?' },
  safe: { zh: '我平安', en: 'I’m safe' },
  need_help: { zh: '我需要帮助', en: 'I need help' },
  coming: { zh: '我来帮忙', en: 'I’m coming to help' },
  said_safe: {
    zh: '记下了：您平安。情况有变，请再按一次别的。',
    en: 'Noted: you are safe. If that changes, press again.',
  },
  said_need_help: {
    zh: '记下了：您需要帮助。正在通知帮忙的人。有生命危险请打119。',
    en: 'Noted: you need help, and whoever helps is told now. If your life is in danger call 119.',
  },
  said_coming: {
    zh: '记下了：您来帮忙。注意自己的安全。',
    en: 'Noted: you are coming to help. Mind your own safety.',
  },
  over: { zh: '已解除', en: 'It is over' },
  over_what: {
    zh: '全员通知已解除，可以放心了。谢谢您。',
    en: 'Nobody is called any more. Thank you.',
  },
  answered: { zh: '{people} 人中 {count} 人已回答', en: '{count} of {people} have answered' },

  // The live page
  since: { zh: '{time} 开始', en: 'since {time}' },
  called_by: { zh: '{name} 发起', en: 'called by {name}' },
  called_by_policy: { zh: '按规则自动发起', en: 'called by the rules' },
  count_safe: { zh: '平安', en: 'safe' },
  count_need_help: { zh: '需要帮助', en: 'need help' },
  count_coming: { zh: '来帮忙', en: 'coming' },
  count_silent: { zh: '没有回答', en: 'silent' },
  progress: {
    zh: '消息 {messages} 条：已发出 {sent}，排队 {waiting}，失败 {failed}',
    en: '{messages} messages: {sent} sent, {waiting} waiting, {failed} failed',
  },
  roll: { zh: '名单', en: 'Who was called' },
  told_no_way: { zh: '没有联系方式：请去敲门', en: 'no way to tell them: knock at the door' },
  told_failed: { zh: '消息没有送到：请去敲门', en: 'no message arrived: knock at the door' },
  told_waiting: { zh: '正在发送', en: 'being told' },
  told_sent: { zh: '已通知，没有回答', en: 'told, silent' },
  told_arrived: { zh: '已收到，没有回答', en: 'it arrived, silent' },
  by_other: { zh: '由{name}登记', en: 'noted by {name}' },
  mark_safe: { zh: '登记：平安', en: 'Safe' },
  mark_help: { zh: '登记：需要帮助', en: 'Needs help' },
  end: { zh: '解除', en: 'It is over' },
  end_sure: {
    zh: '解除后，收到通知的人都会被告知可以放心了。确定吗？',
    en: 'Everybody who was told will hear that it is over. Are you sure?',
  },
  end_yes: { zh: '确定，解除', en: 'Yes, it is over' },
  no: { zh: '不', en: 'No' },
  to_home: { zh: '首页', en: 'Home' },
  to_incident: { zh: '看警报', en: 'To the incident' },

  // Calling
  call: { zh: '通知所有人', en: 'Call everybody' },
  call_about: { zh: '通知所有人：{what}', en: 'Call everybody: {what}' },
  whom: { zh: '通知谁？', en: 'Whom?' },
  residents_of: { zh: '住在{place}的人', en: 'Whoever lives in {place}' },
  everyone: { zh: '所有人', en: 'Everybody' },
  where: { zh: '在哪里？', en: 'Where?' },
  which_danger: { zh: '什么危险？', en: 'What danger?' },
  what_to_do: { zh: '发生了什么，请大家怎么做？', en: 'What happened, and what should people do?' },
  is_drill: { zh: '这是演习', en: 'This is a drill' },
  call_sure: {
    zh: '所有这些人的电话和消息会马上响起来，夜里也一样。',
    en: 'All their phones will ring and show this at once, at night too.',
  },
  call_yes: { zh: '马上通知', en: 'Call them now' },
  only_maintainers: {
    zh: '没有警报时，只有维护人员能通知所有人。',
    en: 'Without an alarm only maintainers can call everybody.',
  },
  open_musters: { zh: '正在全员通知', en: 'Everybody is being called' },
  nobody_needs: { zh: '目前没有人需要帮助', en: 'Nobody needs help so far' },
  needs: { zh: '需要帮助：{who}', en: 'Needs help: {who}' },
  live: { zh: '看名单', en: 'See the list' },
};

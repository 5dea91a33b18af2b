// Words of the pictures beside an incident.

export const pictures = {
  heading: { zh: '现场画面', en: 'Pictures from the spot' },
  before: { zh: '发生前 · {time}', en: 'Before it began · {time}' },
  after: { zh: '发生后 · {time}', en: 'After it began · {time}' },
  alt_before: {
    zh: '{camera}在 {time} 拍到的画面，警报发生之前',
    en: '{camera} at {time}, before it began',
  },
  alt_after: {
    zh: '{camera}在 {time} 拍到的画面，警报发生之后',
    en: '{camera} at {time}, after it began',
  },
  enlarge: { zh: '放大：{what}', en: 'Enlarge: {what}' },
  hint: { zh: '点一下放大', en: 'Tap to enlarge' },
  close: { zh: '返回', en: 'Back' },
  opening: { zh: '正在打开画面…', en: 'Opening the picture…' },
  coming: { zh: '正在取画面…', en: 'Fetching a picture…' },
  none: { zh: '摄像头没有给出画面。', en: 'The camera gave no picture.' },
  broken: { zh: '这张画面打不开。', en: "This picture can't be opened." },
};

// What is wrong with how a card looks: text that can hardly be told from its background (WCAG 2.2,
// 1.4.3), and what sticks out or is cut off.
(card) => {
  const read = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return { red, green, blue, alpha };
  };
  const lay = (over, under) => {
    const mix = (part) => over[part] * over.alpha + under[part] * (1 - over.alpha);
    return { red: mix("red"), green: mix("green"), blue: mix("blue"), alpha: 1 };
  };
  const behind = (element) => {
    const here = read(getComputedStyle(element).backgroundColor);
    if (here.alpha === 1) return here;
    const parent = element.parentElement;
    return lay(here, parent ? behind(parent) : { red: 255, green: 255, blue: 255, alpha: 1 });
  };
  const light = ({ red, green, blue }) => {
    const linear = (part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  };
  const contrast = (element) => {
    const ground = behind(element);
    const pair = [light(lay(read(getComputedStyle(element).color), ground)), light(ground)];
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  };
  const said = (element) =>
    [...element.childNodes].filter((each) => each.nodeType === Node.TEXT_NODE).map((each) => each.data).join("").trim();

  const wrong = [];
  const frame = card.getBoundingClientRect();
  for (const element of card.querySelectorAll("*")) {
    const place = element.getBoundingClientRect();
    const text = said(element);
    if (!/[\p{L}\d]/u.test(text) || place.width < 2) continue;
    if (place.right > frame.right + 1 || place.left < frame.left - 1) wrong.push(`sticks out: ${text}`);
    if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflow === "hidden")
      wrong.push(`is cut off: ${text}`);
    if (contrast(element) < 4.5) wrong.push(`${contrast(element).toFixed(1)} to 1: ${text}`);
  }
  return wrong;
}

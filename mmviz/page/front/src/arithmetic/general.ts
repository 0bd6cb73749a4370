// Numbers as text, as Python's format "g" writes them.

// A number with so many digits, without zeros at its end; large and small ones with a power of ten.
export function general(number: number, digits = 6): string {
  if (Number.isNaN(number)) return "nan";
  const sign = number < 0 || Object.is(number, -0) ? "-" : "";
  return sign + positive(Math.abs(number), digits);
}

function positive(number: number, digits: number): string {
  if (number === 0 || number === Infinity) return number === 0 ? "0" : "inf";
  const { mantissa, power } = rounded(number, digits);
  if (power < -4 || power >= digits) {
    const written = withoutZeros(mantissa.length > 1 ? `${mantissa[0]!}.${mantissa.slice(1)}` : mantissa);
    return `${written}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (power < 0) return withoutZeros(`0.${"0".repeat(-power - 1)}${mantissa}`);
  const whole = mantissa.slice(0, power + 1);
  return withoutZeros(`${whole}.${mantissa.slice(power + 1)}`);
}

// A number with four digits; of what is nothing no sign: a masked weight times a negative number is no -0.
export function short(number: number): string {
  return general(number + 0, 4);
}

// The first digits and the power of ten of the first one; what lies halfway goes to the even digit.
function rounded(number: number, digits: number): { mantissa: string; power: number } {
  const [written, power] = number.toExponential(digits - 1).split("e") as [string, string];
  const mantissa = written.replace(".", "");
  const [exact] = number.toExponential(digits + 24).split("e") as [string];
  const halfway = /^50*$/.test(exact.replace(".", "").slice(digits));
  const odd = Number(mantissa[digits - 1]) % 2 === 1;
  if (!halfway || !odd) return { mantissa, power: Number(power) };
  return { mantissa: String(Number(mantissa) - 1).padStart(digits, "0"), power: Number(power) };
}

function withoutZeros(written: string): string {
  return written.includes(".") ? written.replace(/\.?0*$/, "") : written;
}

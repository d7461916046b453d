import { escape } from "mysql2";
import { COLLATION, TO_COLLATION, type Change } from "./change";
import { quoted, type Column } from "./tables";

/**
 * How a column's type compares with the type that ships: a narrower one can be widened without a loss; a wider one holds all
 * that the shipped one would; of others, neither holds all that the other may.
 */
export type Fit = "same" | "narrower" | "wider" | "other";

export function fitOf(here: Column, ships: Column): Fit {
  if (here.type === ships.type) return "same";
  if (isNarrower(here, ships)) return "narrower";
  return isWider(here, ships) ? "wider" : "other";
}

const isCharacters = ({ dataType }: Column): boolean => dataType === "char" || dataType === "varchar";
const isText = ({ dataType }: Column): boolean => dataType.endsWith("text");
const isInteger = ({ dataType }: Column): boolean => dataType.endsWith("int");
const isUnsigned = ({ type }: Column): boolean => type.endsWith("unsigned");
const isTime = ({ dataType }: Column): boolean => dataType === "datetime";

/** False if one of them is not known. */
function less(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && a < b;
}

function atMost(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && a <= b;
}

function isNarrower(here: Column, ships: Column): boolean {
  if (ships.dataType === "varchar") return isCharacters(here) && atMost(here.length, ships.length);
  if (ships.dataType === "char") return here.dataType === "char" && less(here.length, ships.length);
  if (isText(ships)) return (isCharacters(here) || isText(here)) && less(here.length, ships.length);
  if (isTime(ships)) return isTime(here) && less(here.fraction, ships.fraction);
  return isSmallerInteger(here, ships);
}

function isWider(here: Column, ships: Column): boolean {
  if (isCharacters(here) || isText(here)) return atMost(ships.length, here.length);
  if (isTime(here)) return isTime(ships);
  return isSmallerInteger(ships, here);
}

/** Whether all numbers of one type fit another. */
function isSmallerInteger(one: Column, other: Column): boolean {
  return (
    isInteger(one) &&
    isInteger(other) &&
    less(one.precision, other.precision) &&
    (isUnsigned(one) || !isUnsigned(other))
  );
}

export interface ColumnPlan {
  /** Whether its character set has to change. */
  readonly converted: boolean;
  readonly change?: Change;
  /** A difference that stays. */
  readonly difference?: string;
}

/** What has to change of a column. */
interface Needs {
  /** Whether its character set has to change. */
  readonly converted: boolean;
  /** The shipped column, if it is wider. */
  readonly widened?: Column;
  /** Whether it has to allow NULL. */
  readonly lenient: boolean;
  /** The shipped column, if its default is needed. */
  readonly preset?: Column;
}

/**
 * What makes a column as wide as either side has it, and as lenient about NULL: earlier versions of Nacos keep working.
 *
 * @param ships the column as it ships; undefined if it does not, and then only its character set changes
 */
export function planColumn(table: string, here: Column, ships: Column | undefined): ColumnPlan {
  const name = `column ${table}.${here.name}`;
  const fit = ships === undefined ? "same" : fitOf(here, ships);
  const fits = fit === "same" || fit === "narrower";
  const needs: Needs = {
    converted: here.collation !== null && here.collation !== COLLATION,
    widened: fit === "narrower" ? ships : undefined,
    lenient: !here.nullable && ships?.nullable === true && !here.inPrimaryKey,
    preset: fits && here.preset === null && (ships?.preset ?? null) !== null ? ships : undefined,
  };
  return {
    converted: needs.converted,
    change: changeOf(name, here, needs),
    difference:
      ships === undefined || fits ? undefined : `${name} is ${here.type} and ships as ${ships.type}: ${STAYS[fit]}`,
  };
}

const STAYS = {
  wider: "it is wider, and holds all that the shipped one would",
  other: "neither holds all that the other may",
} as const;

function changeOf(name: string, here: Column, needs: Needs): Change | undefined {
  const { converted, widened, lenient, preset } = needs;
  if (!converted && widened === undefined && !lenient && preset === undefined) return undefined;
  const { type } = widened ?? here;
  const [has, wanted] = here.collation === null ? ["", ""] : [` ${here.collation}`, ` ${COLLATION}`];
  return {
    clause: clauseOf(here, needs),
    done: doneOf(name, here, needs),
    stays: `${name} is ${here.type}${has} and should be ${type}${wanted}`,
  };
}

function doneOf(name: string, here: Column, { widened, lenient, preset }: Needs): string | undefined {
  if (widened !== undefined) return `widened ${name} from ${here.type} to ${widened.type}`;
  if (lenient) return `${name} may be NULL`;
  return preset === undefined ? undefined : `${name} has a default`;
}

function clauseOf(here: Column, needs: Needs): string {
  const { type, extra } = needs.widened ?? here;
  const parts = [
    `MODIFY COLUMN ${quoted(here.name)} ${type}`,
    here.collation === null ? "" : TO_COLLATION,
    here.nullable || needs.lenient ? "NULL" : "NOT NULL",
    presetOf(here, needs),
    extra.replaceAll("DEFAULT_GENERATED", "").trim(),
    `COMMENT ${escape(here.comment)}`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function presetOf(here: Column, { widened, preset }: Needs): string {
  const source = preset ?? widened;
  if (source !== undefined && source.preset !== null) return presetClause(source);
  // The default of a time depends on its precision, and a text has none.
  return widened !== undefined && (isText(widened) || isTime(widened)) ? "" : presetClause(here);
}

function presetClause({ preset, extra }: Column): string {
  if (preset === null) return "";
  return `DEFAULT ${extra.includes("DEFAULT_GENERATED") ? preset : escape(preset)}`;
}

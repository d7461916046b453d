/** The log of a program that runs all the time: one line of JSON for each event, which log collectors read without a rule for it. */
export function eventLog(program: string): (message: string) => void {
  return (message) => {
    const level = message.startsWith("problem: ") ? "WARN" : "INFO";
    console.log(JSON.stringify({ time: new Date().toISOString(), level, program, message }));
  };
}

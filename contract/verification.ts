/** What a verification says of a server that is late with its copies. All else that it says is about the backup. */
export const LATE_COPIES = "has not copied all of its binary logs since";

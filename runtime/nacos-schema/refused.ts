/** This version must not change the database, and trying again does not help. */
export class Refused extends Error {}

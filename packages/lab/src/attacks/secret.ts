/** What alice or bob says, and nobody else is meant to know. */
export const SECRET = 'The spare key is under the blue pot.'

/** Why an attack has no meaning on a rung, where several attacks have the same reason. */
export const NO_EXCHANGE = 'there is no key exchange'
export const NO_IV = 'nothing here has an initialisation vector'
export const NO_DIRECTORY = 'a calculator has no directory'

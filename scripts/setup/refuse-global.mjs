// npm links a checkout that is installed globally, and gives no command: the packages of a workspace have those.
if (process.env.npm_config_global === 'true' || process.env.npm_config_location === 'global') {
  console.error('error: a checkout cannot be installed globally (usage)')
  console.error(
    '  make the package with npm run pack, then install that: npm install --global ./pack/p2p-secure-chat-VERSION.tgz',
  )
  process.exit(1)
}

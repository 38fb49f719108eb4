# Answers whatever known peers say: python3 echo-bot.py --name bob (flags are those of chat-client)
import json, os, pathlib, subprocess, sys

# Where chat-client is in a checkout; installed, it is on the PATH.
checkout = pathlib.Path(__file__).resolve().parent / "../../../node_modules/.bin"
env = {**os.environ, "PATH": f"{os.environ['PATH']}{os.pathsep}{checkout}"}
command = ["chat-client", "--accept", "known", "--json", *sys.argv[1:]]
client = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
for line in client.stdout:
    event = json.loads(line)
    if event["event"] == "message" and event["direction"] == "in":
        answer = {"to": event["peer"], "text": f"you said: {event['text']}"}
        print("/json", json.dumps(answer), file=client.stdin, flush=True)

// Loaded before Microsoft's simulator, which listens on every interface: here it is this machine's alone.
const { Server } = require("net");
const listen = Server.prototype.listen;

Server.prototype.listen = function (port, ...rest) {
  if (port !== null && typeof port === "object") {
    return listen.call(this, { ...port, host: "127.0.0.1" }, ...rest);
  }
  return listen.call(this, port, "127.0.0.1", ...rest.filter((each) => typeof each === "function"));
};

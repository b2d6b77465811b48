from mindreel.contracts.sites import GateView


def markdown(gate: GateView) -> str:
    """What the Web UI shows of a gate."""
    lines = [f"**{gate.state}** {gate.site}", ""]
    if gate.reason:
        lines += [f"Because: {gate.reason}", ""]
    if gate.opens_at:
        lines += [f"The next visitor is let in to try at {gate.opens_at}.", ""]
    lines += [f"- inside: {gate.inside}", f"- waiting: {gate.waiting}"]
    lines += [f"- went well: {gate.successes}", f"- refused in a row: {gate.refusals}"]
    if gate.state != "open":
        lines += ["", f"To open it now: `starter.py site resume {gate.site}`"]
    return "\n".join(lines)

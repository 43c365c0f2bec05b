namespace Gateway.Scripting;

/// <summary>Unwinds a script that has used up its budget. No script can catch it for good: what is woven into its handlers throws it again.</summary>
internal sealed class ScriptLimitException(string message) : Exception(message);

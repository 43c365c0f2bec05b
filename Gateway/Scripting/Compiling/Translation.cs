namespace Gateway.Scripting;

/// <summary>What the compiler made of a source.</summary>
/// <param name="Image">The script, with the guard's checks in it; null when there are problems.</param>
/// <param name="Problems">What is wrong, in the order of the source.</param>
internal readonly record struct Translation(ScriptImage? Image, IReadOnlyList<ScriptProblem> Problems);

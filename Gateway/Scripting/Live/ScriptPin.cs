namespace Gateway.Scripting;

/// <summary>Why a version in the folder is not live although nothing is wrong with it. It holds until the file is edited.</summary>
/// <param name="FileVersion">The version in the folder.</param>
/// <param name="Reason">Who wanted another, and why.</param>
/// <param name="Since">Since when.</param>
internal sealed record ScriptPin(string FileVersion, string Reason, DateTimeOffset Since);

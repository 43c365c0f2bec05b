using System.Collections.Frozen;

namespace Gateway.Scripting;

/// <summary>The gateway's own codes of a <see cref="ScriptProblem"/>; all others are the compiler's. A code never changes its meaning.</summary>
internal static class ScriptProblemCode
{
    /// <summary>A function that every script needs is not there.</summary>
    public const string MissingFunction = "GW0001";

    /// <summary>A function that the gateway calls has other parameters or another result than it calls it with.</summary>
    public const string MistypedFunction = "GW0002";

    /// <summary>A function that the gateway calls is there more than once.</summary>
    public const string OverloadedFunction = "GW0003";

    /// <summary>The script waits for something; the gateway calls scripts synchronously.</summary>
    public const string Asynchronous = "GW0004";

    /// <summary>The source is longer than the gateway compiles.</summary>
    public const string SourceTooLong = "GW0005";

    /// <summary>The source is nested deeper than the gateway compiles.</summary>
    public const string NestedTooDeep = "GW0006";

    // GW0007 was a directive that reaches outside of the script.

    /// <summary>The script compiled, but its top-level code threw when it was loaded.</summary>
    public const string FailedAtStart = "GW0008";

    /// <summary>The script's file is not there or can't be read.</summary>
    public const string Unreadable = "GW0009";

    /// <summary>The reference is not the name of a file in the scripts folder.</summary>
    public const string BadReference = "GW0010";

    /// <summary>The compiler itself failed on the source.</summary>
    public const string CompilerFailed = "GW0011";

    /// <summary>There are more problems than are listed.</summary>
    public const string MoreProblems = "GW0012";

    /// <summary>The file's version was turned away: an admin, or its own failures, made the one before it live again.</summary>
    public const string TurnedAway = "GW0013";

    /// <summary>The file of golden vectors beside the script can't be used.</summary>
    public const string MalformedVectors = "GW0020";

    /// <summary>The script does not do what one of its golden vectors says.</summary>
    public const string VectorFailed = "GW0021";

    /// <summary>Memory is taken from the stack, which no check can prevent from overflowing.</summary>
    public const string StackAllocation = "GW0030";

    /// <summary>An array within a struct, which takes stack in the same way.</summary>
    public const string InlineArray = "GW0031";

    /// <summary>A finalizer, which runs when no call is under way.</summary>
    public const string Finalizer = "GW0032";

    /// <summary>A function that nobody waits for, and whose exception ends the process.</summary>
    public const string AsyncVoid = "GW0033";

    /// <summary>Code that runs before the gateway calls the script.</summary>
    public const string ModuleInitializer = "GW0034";

    /// <summary>Native code, in either direction.</summary>
    public const string NativeCode = "GW0035";

    /// <summary>A finally whose end can't be reached, which the runtime does not survive.</summary>
    public const string EndlessFinally = "GW0036";

    /// <summary>A struct that takes too much stack as a local variable.</summary>
    public const string LargeStruct = "GW0037";

    /// <summary>The script names something that scripts have no use for, and that an admin has not trusted it with.</summary>
    public const string NotForScripts = "GW0040";

    /// <summary>The compiled script uses such a thing, though its source does not name it.</summary>
    public const string HiddenUse = "GW0041";

    /// <summary>A lock, which a call that is stopped would never release.</summary>
    public const string Lock = "GW0042";

    /// <summary>The class that implements <c>IDeviceParser</c> can't be made, or something else than a class implements it.</summary>
    public const string UnusableParser = "GW0050";

    /// <summary>There is more than one class that implements <c>IDeviceParser</c>.</summary>
    public const string SeveralParsers = "GW0051";

    /// <summary>A class that implements <c>IDeviceParser</c> and functions, of which the gateway calls one kind.</summary>
    public const string ParserAndFunctions = "GW0052";

    /// <summary>The list of the script's commands can't be had, or is none.</summary>
    public const string UnusableCatalog = "GW0053";

    /// <summary>A command's type is listed twice.</summary>
    public const string CommandListedTwice = "GW0054";

    /// <summary>A command's schema is no JSON schema, or says what is not known here.</summary>
    public const string InvalidSchema = "GW0055";

    /// <summary>A command's example is no JSON, or does not fit the schema.</summary>
    public const string InvalidExample = "GW0056";

    /// <summary>A file that the script loads is not there or can't be read.</summary>
    public const string LoadUnavailable = "GW0060";

    /// <summary>A <c>#load</c> leads out of the scripts folder, or to what is no script.</summary>
    public const string LoadOutside = "GW0061";

    /// <summary>The script loads more files, or longer ones, than the gateway compiles.</summary>
    public const string LoadTooMuch = "GW0062";

    /// <summary>A <c>#r</c> names what scripts don't see.</summary>
    public const string ReferenceNotAvailable = "GW0063";

    /// <summary>A <c>#r</c> names a package.</summary>
    public const string PackageNotAvailable = "GW0064";

    /// <summary>A <c>.proto</c> file that the script uses can't be compiled.</summary>
    public const string ProtoInvalid = "GW0070";

    /// <summary>The script uses <c>.proto</c> files, and there is no protoc to compile them.</summary>
    public const string ProtocUnavailable = "GW0071";

    /// <summary>The protos folder has more or longer files than the gateway compiles.</summary>
    public const string ProtosTooMuch = "GW0072";

    /// <summary>protoc, or the compilation of what it made, failed.</summary>
    public const string ProtocFailed = "GW0073";

    /// <summary>Problems of the machine rather than of the file: the same file may do the next time.</summary>
    public static readonly FrozenSet<string> MayPass = FrozenSet.Create(StringComparer.Ordinal, ProtocUnavailable, ProtocFailed);
}

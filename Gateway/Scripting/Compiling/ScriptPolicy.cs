using System.Collections.Frozen;

namespace Gateway.Scripting;

/// <summary>
/// What a script may use of the libraries: an allow-list of namespaces and types, less some members.
/// Generic types are written without their number of parameters, and a nested type goes with the type around it.
/// Asked by <see cref="SourcePolicy"/> about what is written, and by <see cref="ImagePolicy"/> about what became of it.
/// </summary>
internal static class ScriptPolicy
{
    private const string Elsewhere =
        "a script sees no files, processes, network, reflection, threads or clock; an admin can trust this script by name in gateway.json (scripts.trusted)";

    private const string NoClock = "a script has no clock; use request.ReceivedAt";
    private const string NoZone = "it depends on the machine's time zone; use UTC, or TimeZoneInfo.FindSystemTimeZoneById";
    private const string NoChance = "the same payload must give the same readings; derive it from the payload, or use new Random(seed)";
    private const string NoGlobals = "it would change the whole gateway; pass what you need to the method that you call";
    private const string NoSerializer = "it would keep old versions of the script in memory; use JsonElement, JsonNode or Utf8JsonWriter";
    private const string NoPool = "its memory is shared with the gateway; make an array";
    private const string NoDepth = "it can't be stopped, and ends the process when the data is nested deep; write the text and parse it again";

    private const string NoBigInteger = "its calculations can't be stopped; use Int128, UInt128 or decimal";

    /// <summary>Generated message types, whose assemblies are named so as well: all of them are allowed.</summary>
    public const string Messages = "Gateway.Protos";

    // Everything in them, less what is refused below.
    private static readonly FrozenSet<string> Namespaces = Set(
        """
        System.Buffers.Binary System.Buffers.Text System.Collections System.Collections.Frozen System.Collections.Generic System.Collections.Immutable
        System.Collections.ObjectModel System.Diagnostics.CodeAnalysis System.Formats.Cbor System.Globalization System.Linq System.Numerics System.Text System.Text.Json
        System.Text.Json.Nodes System.Text.RegularExpressions System.Text.Unicode Gateway.Scripting.Contract
        Google.Protobuf Google.Protobuf.Collections Google.Protobuf.WellKnownTypes
        """);

    // Of other namespaces only these types. The exceptions of System are allowed, too.
    private static readonly FrozenSet<string> Types = new (string Namespace, string Names)[]
    {
        ("System",
            """
            Action Array ArraySegment Attribute AttributeTargets AttributeUsageAttribute Base64FormattingOptions BitConverter Boolean Buffer Byte Char
            CharEnumerator Comparison Convert Converter DateOnly DateTime DateTimeKind DateTimeOffset DayOfWeek Decimal Delegate Double Enum Environment
            EventArgs EventHandler FlagsAttribute FormattableString Func Guid Half HashCode ICloneable IComparable IConvertible ICustomFormatter
            IDisposable IEquatable IFormatProvider IFormattable IParsable ISpanFormattable ISpanParsable IUtf8SpanFormattable IUtf8SpanParsable Index
            Int128 Int16 Int32 Int64 IntPtr Lazy Math MathF Memory MemoryExtensions MidpointRounding MulticastDelegate Nullable Object ObsoleteAttribute
            ParamArrayAttribute Predicate Random Range ReadOnlyMemory ReadOnlySpan SByte SequencePosition Single Span String StringComparer
            StringComparison StringNormalizationExtensions StringSplitOptions TimeOnly TimeSpan TimeZoneInfo TimeZoneNotFoundException Tuple
            TupleExtensions Type TypeCode UInt128 UInt16 UInt32 UInt64 UIntPtr ValueTuple ValueType Version Void WeakReference
            """),
        ("System.Buffers",
            "ArrayBufferWriter BuffersExtensions IBufferWriter OperationStatus ReadOnlySequence ReadOnlySequenceSegment ReadOnlySpanAction SearchValues SequenceReader SequenceReaderExtensions SpanAction StandardFormat"),
        ("System.Collections.Concurrent", "ConcurrentDictionary ConcurrentQueue ConcurrentStack IProducerConsumerCollection"),
        ("System.IO",
            """
            BinaryReader BinaryWriter EndOfStreamException IOException InvalidDataException MemoryStream SeekOrigin Stream StringReader StringWriter
            TextReader TextWriter
            """),
        ("System.Reflection", "MemberInfo"),
        ("System.Runtime.CompilerServices",
            "CallerArgumentExpressionAttribute CallerLineNumberAttribute CallerMemberNameAttribute IsExternalInit RequiredMemberAttribute SwitchExpressionException"),
        ("System.Text.Encodings.Web", "JavaScriptEncoder TextEncoder"),
        ("System.Threading", "Interlocked Volatile"),
    }.SelectMany(space => Words(space.Names).Select(name => $"{space.Namespace}.{name}")).ToFrozenSet();

    // Types of which only some members are for scripts.
    private static readonly FrozenDictionary<string, FrozenSet<string>> Only = new Dictionary<string, FrozenSet<string>>
    {
        ["System.Delegate"] = Set("Combine Remove RemoveAll GetInvocationList Equals GetHashCode op_Equality op_Inequality"),
        ["System.Environment"] = Set("NewLine"),
        ["System.Reflection.MemberInfo"] = Set("Name"),
        ["System.Type"] = Set("Name FullName Namespace Equals GetHashCode ToString op_Equality op_Inequality IsInstanceOfType IsEnum IsValueType"),
    }.ToFrozenDictionary();

    // What is not for scripts of the types above; no members stand for the whole type. ".ctor()" is the constructor without parameters.
    private static readonly FrozenDictionary<string, string> Refused = new (string Type, string Members, string Reason)[]
    {
        ("System.DateTime", "Now UtcNow Today", NoClock),
        ("System.DateTimeOffset", "Now UtcNow", NoClock),
        ("System.DateTime", "ToLocalTime", NoZone),
        ("System.DateTimeOffset", "LocalDateTime ToLocalTime", NoZone),
        ("System.TimeZoneInfo", "Local", NoZone),
        ("System.TimeZoneInfo", "ClearCachedData", NoGlobals),
        ("System.Random", "Shared .ctor()", NoChance),
        ("System.Guid", "NewGuid CreateVersion7", NoChance),
        ("System.Array", "CreateInstance CreateInstanceFromArrayType", "write new T[length]"),
        ("System.String", "Intern IsInterned", "what is interned is never freed; use the string itself"),
        ("System.Buffers.ArrayPool", "", NoPool),
        ("System.Buffers.MemoryPool", "", NoPool),
        ("System.Formats.Cbor.CborReader", "ReadBigInteger", NoBigInteger),
        ("System.Formats.Cbor.CborWriter", "WriteBigInteger", NoBigInteger),
        ("System.Globalization.CultureInfo",
            "set_CurrentCulture set_CurrentUICulture set_DefaultThreadCurrentCulture set_DefaultThreadCurrentUICulture ClearCachedData", NoGlobals),
        ("System.IO.Stream", "BeginRead BeginWrite Synchronized", Elsewhere),
        ("System.IO.TextReader", "Synchronized", Elsewhere),
        ("System.IO.TextWriter", "Synchronized", Elsewhere),
        ("System.IO.MemoryStream", "SetLength", "write as many bytes"),
        ("System.Linq.Enumerable", "InfiniteSequence Sequence", "it may have no end; use Enumerable.Range, or a loop"),
        ("System.Numerics.BigInteger", "", NoBigInteger),
        ("System.Text.Encoding", "RegisterProvider", NoGlobals),
        ("System.Text.CodePagesEncodingProvider", "", NoGlobals),
        ("System.Text.Json.JsonSerializer", "", NoSerializer),
        ("System.Text.Json.JsonSerializerOptions", "", NoSerializer),
        ("System.Text.Json.Nodes.JsonNode", "DeepClone DeepEquals", NoDepth),
        ("System.Text.RegularExpressions.Regex", "CompileToAssembly", Elsewhere),
        ("System.Text.RegularExpressions.Regex", "set_CacheSize", NoGlobals),
        ("Google.Protobuf.UnsafeByteOperations", "", "use ByteString.CopyFrom"),
    }.SelectMany(rule => rule.Members == "" ? [(Key: rule.Type, rule.Reason)] : Words(rule.Members).Select(member => (Key: $"{rule.Type}.{member}", rule.Reason)))
        .ToFrozenDictionary(rule => rule.Key, rule => rule.Reason);

    // What the compiler puts into an image without being asked: iterators, locks, events, collection expressions, interpolated strings, records.
    private static readonly FrozenDictionary<string, FrozenSet<string>> Compiler = new Dictionary<string, FrozenSet<string>>
    {
        ["System.Activator"] = Set("CreateInstance"),
        ["System.Delegate"] = Set("Combine Remove"),
        ["System.Environment"] = Set("CurrentManagedThreadId"),
        ["System.RuntimeFieldHandle"] = Set(""),
        ["System.RuntimeTypeHandle"] = Set(""),
        ["System.Type"] = Set("GetTypeFromHandle"),
        ["System.Runtime.CompilerServices.AsyncTaskMethodBuilder"] = Set("Create Start Task SetResult SetException SetStateMachine AwaitUnsafeOnCompleted AwaitOnCompleted"),
        ["System.Runtime.CompilerServices.DefaultInterpolatedStringHandler"] = Set(".ctor AppendLiteral AppendFormatted ToStringAndClear"),
        ["System.Runtime.CompilerServices.FormattableStringFactory"] = Set("Create"),
        ["System.Runtime.CompilerServices.IAsyncStateMachine"] = Set("MoveNext SetStateMachine"),
        ["System.Runtime.CompilerServices.ITuple"] = Set("Length Item"),
        ["System.Runtime.CompilerServices.RuntimeHelpers"] = Set("InitializeArray CreateSpan GetSubArray EnsureSufficientExecutionStack"),
        ["System.Runtime.CompilerServices.Unsafe"] = Set("As Add AsRef"),
        ["System.Runtime.InteropServices.CollectionsMarshal"] = Set("AsSpan SetCount"),
        ["System.Runtime.InteropServices.InAttribute"] = Set(""),
        ["System.Runtime.InteropServices.ImmutableCollectionsMarshal"] = Set("AsImmutableArray AsArray"),
        ["System.Runtime.InteropServices.MemoryMarshal"] = Set("CreateReadOnlySpan CreateSpan"),
        ["System.Threading.Tasks.Task"] = Set(""),
    }.ToFrozenDictionary();

    /// <summary>
    /// The bare names of the types that the compiler uses by itself. A script that writes one may be using what only the compiler may,
    /// and its image does not tell the two apart.
    /// </summary>
    public static readonly FrozenSet<string> CompilerNames = Compiler.Keys.Select(type => type[(type.LastIndexOf('.') + 1)..]).ToFrozenSet();

    /// <summary>Why a type is not for scripts, or null.</summary>
    public static string? Type(string space, string name)
    {
        if (IsMessages(space))
        {
            return null;
        }

        var type = $"{space}.{Plain(name)}";
        return Refused.TryGetValue(type, out var reason) ? reason
            : Namespaces.Contains(space) || Types.Contains(type) || (space == "System" && name.EndsWith("Exception", StringComparison.Ordinal)) ? null
            : Elsewhere;
    }

    /// <summary>Why a member of a type that is for scripts is not, or null.</summary>
    /// <param name="space">The type's namespace.</param>
    /// <param name="name">The type's name.</param>
    /// <param name="member">The member's name: a property's own, or an accessor's.</param>
    /// <param name="parameters">How many parameters it has.</param>
    public static string? Member(string space, string name, string member, int parameters)
    {
        var type = $"{space}.{Plain(name)}";
        var property = PropertyOf(member);
        if (Only.TryGetValue(type, out var only))
        {
            return only.Contains(property) ? null : Elsewhere;
        }

        var key = parameters == 0 && member == ".ctor" ? ".ctor()" : member;
        return Refused.TryGetValue($"{type}.{key}", out var reason) || Refused.TryGetValue($"{type}.{property}", out reason) ? reason : null;
    }

    /// <summary>Whether the compiler uses a type in what it makes of a script.</summary>
    public static bool IsCompilers(string space, string name) =>
        Compiler.ContainsKey($"{space}.{Plain(name)}") || IsSpanStorage(space, name) || (IsMetadata(space) && name.EndsWith("Attribute", StringComparison.Ordinal));

    /// <summary>Whether the compiler uses a member in what it makes of a script.</summary>
    public static bool IsCompilers(string space, string name, string member) =>
        Compiler.TryGetValue($"{space}.{Plain(name)}", out var members) ? members.Contains(PropertyOf(member)) : IsCompilers(space, name);

    // InlineArray2 and so on hold the elements of a params span.
    private static bool IsSpanStorage(string space, string name) =>
        space == "System.Runtime.CompilerServices" && name.StartsWith("InlineArray", StringComparison.Ordinal) && char.IsAsciiDigit(name[^1]);

    private static bool IsMetadata(string space) => space is "System.Diagnostics" or "System.Runtime.CompilerServices" or "System.Security" or "System.Reflection";

    private static bool IsMessages(string space) =>
        space.StartsWith(Messages, StringComparison.Ordinal) && (space.Length == Messages.Length || space[Messages.Length] == '.');

    private static string PropertyOf(string member) => member.StartsWith("get_", StringComparison.Ordinal) || member.StartsWith("set_", StringComparison.Ordinal) ? member[4..] : member;

    private static string Plain(string name) => name.IndexOf('`') is var arity and >= 0 ? name[..arity] : name;

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static FrozenSet<string> Set(string text) => Words(text).ToFrozenSet();
}

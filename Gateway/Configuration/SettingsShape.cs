using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Configuration;

/// <summary>
/// What a place in gateway.json takes, read off the settings records. The reader, the overrides and the schema all walk these shapes,
/// so they cannot disagree about what is allowed.
/// </summary>
internal abstract record SettingsShape(Type Type)
{
    private static readonly ConcurrentDictionary<Type, SettingsShape> Known = new();

    public static SettingsShape Of(Type type) => Known.GetOrAdd(type, Build);

    private static SettingsShape Build(Type type)
    {
        if (type.IsEnum)
        {
            return new ChoiceShape(type);
        }

        if (type.IsConstructedGenericType)
        {
            var shape = type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? typeof(ListShape<>)
                : type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? typeof(MapShape<>)
                : throw new NotSupportedException($"{type} is no kind of setting.");
            return (SettingsShape)Activator.CreateInstance(shape.MakeGenericType(type.GenericTypeArguments[^1]))!;
        }

        return type == typeof(string) ? new TextShape()
            : type == typeof(bool) ? new TruthShape()
            : type == typeof(int) ? new IntegerShape()
            : type == typeof(double) ? new NumberShape()
            : type == typeof(JsonElement) ? new AnythingShape()
            : type.GetCustomAttribute<JsonPolymorphicAttribute>() is { } union ? new UnionShape(type, union.TypeDiscriminatorPropertyName!)
            : type.IsClass ? new SectionShape(type)
            : throw new NotSupportedException($"{type} is no kind of setting.");
    }
}

internal sealed record TextShape() : SettingsShape(typeof(string));

internal sealed record TruthShape() : SettingsShape(typeof(bool));

internal sealed record IntegerShape() : SettingsShape(typeof(int));

internal sealed record NumberShape() : SettingsShape(typeof(double));

/// <summary>JSON that the gateway hands on without looking into it.</summary>
internal sealed record AnythingShape() : SettingsShape(typeof(JsonElement));

/// <summary>One of a few names: an enum.</summary>
internal sealed record ChoiceShape(Type Type) : SettingsShape(Type)
{
    public ImmutableArray<string> Names { get; } = [.. Enum.GetNames(Type).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public object? Find(string name) => Names.IndexOf(name) is >= 0 and var index ? Enum.GetValues(Type).GetValue(index) : null;
}

internal abstract record ListShape(Type ItemType) : SettingsShape(typeof(IReadOnlyList<>).MakeGenericType(ItemType))
{
    public SettingsShape Item => Of(ItemType);

    public abstract object Create(IEnumerable<object> items);
}

internal sealed record ListShape<T>() : ListShape(typeof(T))
{
    public override object Create(IEnumerable<object> items) => items.Cast<T>().ToImmutableArray();
}

internal abstract record MapShape(Type ItemType) : SettingsShape(typeof(IReadOnlyDictionary<,>).MakeGenericType(typeof(string), ItemType))
{
    public SettingsShape Item => Of(ItemType);

    public abstract object Create(IEnumerable<KeyValuePair<string, object>> items);
}

internal sealed record MapShape<T>() : MapShape(typeof(T))
{
    // Ordered, so that what is listed at start stands in the order of the file.
    public override object Create(IEnumerable<KeyValuePair<string, object>> items) => new ReadOnlyDictionary<string, T>(
        new OrderedDictionary<string, T>(items.Select(item => KeyValuePair.Create(item.Key, (T)item.Value))));
}

/// <summary>An object with known members: a record.</summary>
internal sealed record SectionShape(Type Type) : SettingsShape(Type)
{
    public ImmutableArray<SettingsMember> Members { get; } =
    [
        .. from property in Type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
           orderby property.DeclaringType == Type, property.MetadataToken
           select new SettingsMember(property),
    ];

    public object CreateDefault() => Activator.CreateInstance(Type)!;

    public SettingsMember? Find(string name) => Members.FirstOrDefault(member => member.Name == name);
}

/// <summary>An object of one of several kinds, which one of its members names.</summary>
internal sealed record UnionShape(Type Type, string Discriminator) : SettingsShape(Type)
{
    public IReadOnlyDictionary<string, SectionShape> Kinds { get; } = new OrderedDictionary<string, SectionShape>(
        from kind in Type.GetCustomAttributes<JsonDerivedTypeAttribute>()
        select KeyValuePair.Create((string)kind.TypeDiscriminator!, (SectionShape)Of(kind.DerivedType)));
}

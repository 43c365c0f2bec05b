using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace Gateway.Configuration;

/// <summary>A member of a section, with what its attributes say of it.</summary>
internal sealed class SettingsMember
{
    private readonly PropertyInfo _property;

    public SettingsMember(PropertyInfo property)
    {
        _property = property;
        Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
        Shape = SettingsShape.Of(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
        MayBeNull = new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
        Description = property.GetCustomAttribute<DescriptionAttribute>()?.Description;
        IsSecret = property.GetCustomAttribute<PasswordPropertyTextAttribute>()?.Password is true;
        IsRequired = property.IsDefined(typeof(RequiredAttribute));
        MinLength = property.GetCustomAttribute<MinLengthAttribute>()?.Length;
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            Range = (Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture), Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The key in gateway.json.</summary>
    public string Name { get; }

    public SettingsShape Shape { get; }

    public Type Type => _property.PropertyType;

    public bool MayBeNull { get; }

    public string? Description { get; }

    /// <summary>Whether its value is shown to nobody.</summary>
    public bool IsSecret { get; }

    /// <summary>Whether an empty text is refused.</summary>
    public bool IsRequired { get; }

    public int? MinLength { get; }

    public (double Minimum, double Maximum)? Range { get; }

    public object? Get(object section) => _property.GetValue(section);

    public void Set(object section, object? value) => _property.SetValue(section, value);
}

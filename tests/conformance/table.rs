//! Every K-number of the checklist with what this server makes of it. The only place where that is written:
//! `docs/conformance.md` is rendered from here.

/// What the server makes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Met,
    Deviation,
    NotMet,
    NotApplicable,
    NotBuilt,
}

/// A rule of the checklist.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) number: u32,
    /// `M` must, `S` should, `MAY`, or `–` where the checklist gives none.
    pub(super) weight: &'static str,
    pub(super) rule: &'static str,
    pub(super) verdict: Verdict,
    /// The test that holds it; every rule that is met has one.
    pub(super) test: Option<&'static str>,
    /// Why it is not met; every other rule has it.
    pub(super) reason: Option<&'static str>,
}

macro_rules! rows {
    ($($number:literal $weight:literal $rule:literal => $verdict:ident $($test:ident)? $(: $reason:literal)?;)+) => {
        /// The rules in the order of their numbers.
        pub(super) const ROWS: &[Row] = &[$(Row {
            number: $number,
            weight: $weight,
            rule: $rule,
            verdict: Verdict::$verdict,
            test: [$(stringify!($test),)?].first().copied(),
            reason: [$($reason,)?].first().copied(),
        }),+];
    };
}

rows! {
    1 "M" "bodies are sent as `application/vnd.api+json`" => Met k001_every_document_is_sent_as_json_api;
    2 "M" "no media type parameter but `ext` and `profile`" =>
        Deviation k002_the_only_parameter_of_answers_is_the_documented_charset
        : "answers carry the documented `charset=utf-8`; see [deviations.md](deviations.md)";
    3 "M" "`Content-Type` lists the extensions that were applied" =>
        Met k003_answers_with_results_name_the_extension_and_no_other_answer_does;
    4 "M" "`Content-Type` lists the profiles that were applied" => NotBuilt: "no profile is applied";
    5 "M" "`ext` and `profile` are quoted, their URIs separated by single spaces" =>
        Met k005_the_extension_is_named_in_quotes;
    6 "S" "the URI of an extension or profile of ours leads to its documentation" =>
        NotBuilt: "there is none of our own";
    7 "M" "a body with another media type parameter is 415" =>
        Deviation k007_a_body_with_a_foreign_parameter_but_the_charset_is_415
        : "`charset=utf-8` is taken, all others are refused; see [deviations.md](deviations.md)";
    8 "M" "a body with an unsupported extension is 415" => Met k008_a_body_with_an_unsupported_extension_is_415;
    9 "M" "`Accept`: entries with foreign parameters do not count; none left is 406" =>
        Met k009_accept_with_foreign_parameters_alone_is_406;
    10 "M" "`Accept`: unsupported extensions in every entry are 406" =>
        Met k010_accept_with_unsupported_extensions_alone_is_406;
    11 "M" "unknown profiles are ignored" => Met k011_unknown_profiles_are_ignored;
    12 "S" "a known profile is applied when asked for" => NotBuilt: "no profile is known";
    13 "S" "`Vary: Accept` on every answer" => Met k013_every_answer_varies_by_accept;
    14 "M" "`jsonapi` in a body never steers negotiation" =>
        Met k014_the_jsonapi_member_of_a_body_does_not_steer_negotiation;
    15 "M" "HTTP semantics: HEAD, OPTIONS, 405, conditions, caching" => Met k015_answers_obey_the_semantics_of_http;
    16 "M" "the root of a document is an object" => Met k016_the_root_of_every_document_is_an_object;
    17 "M" "`data`, `errors` or `meta` is there" => Met k017_every_document_has_data_errors_or_meta;
    18 "M" "`data` and `errors` never together" => Met k018_data_and_errors_are_never_together;
    19 "M" "`included` only beside `data`" => Met k019_included_comes_with_data_only;
    20 "M" "no members of other making; unknown ones in requests are ignored" =>
        Met k020_members_are_those_of_the_specification_and_unknown_ones_are_ignored;
    21 "M" "a single target is a resource object, an identifier or null" =>
        Met k021_a_single_target_is_a_resource_object_or_an_identifier;
    22 "M" "a collection is an array, also of none or one" => Met k022_a_collection_is_an_array_with_none_one_or_many;
    23 "M" "every resource object has `id` and `type`" => Met k023_every_resource_object_has_an_id_and_a_type;
    24 "M" "`id`, `type` and `lid` are strings" => Met k024_ids_and_types_that_are_no_strings_are_refused;
    25 "M" "type and id name one resource of the whole API" =>
        Deviation: "an id that a client makes is unique among the rows of its user, who sees no others; see [deviations.md](deviations.md)";
    26 "M" "types are member names" => Met k026_types_are_member_names;
    27 "M" "attributes and relationships share a namespace without `id` and `type`" =>
        Met k027_attributes_and_relationships_share_a_namespace_without_id_and_type;
    28 "M" "`attributes` is an object" => Met k028_attributes_are_an_object;
    29 "S" "no foreign keys among attributes" => Met k029_foreign_keys_are_no_attributes;
    30 "M" "`relationships` is an object of objects with `links`, `data` or `meta`" =>
        Met k030_relationships_are_an_object_of_objects_with_data;
    31 "M" "links of a relationship hold `self` or `related`" => NotApplicable: "relationships carry no links";
    32 "M" "a `related` link does not change with what is related" =>
        NotApplicable: "no `related` link is sent";
    33 "M" "linkage is null, an identifier, or an array of them" =>
        Met k033_linkage_is_an_array_of_identifiers_or_an_identifier;
    34 "M" "pagination links in a relationship page its linkage" =>
        NotApplicable: "linkage is never cut into pages";
    35 "M" "an identifier is `type` and `id`, strings" =>
        Deviation k035_identifiers_are_type_and_id_but_for_the_documented_times_of_the_master_person
        : "`master_person` shows its documented times as well; see [deviations.md](deviations.md)";
    36 "M" "a `lid` is the same wherever it names the resource" => Met k036_a_lid_names_one_resource_in_a_document;
    37 "M" "included resources are an array in `included`" => Met k037_included_resources_are_an_array_at_the_top;
    38 "M" "full linkage: what is included can be reached" =>
        Met k038_everything_that_is_included_is_linked_from_primary_data;
    39 "M" "the only exception is linkage that a sparse fieldset took away" =>
        Met k039_only_a_sparse_fieldset_takes_the_linkage_of_what_is_included;
    40 "M" "no type and id twice in a document" => Met k040_no_resource_is_in_a_document_twice;
    41 "M" "every `meta` is an object" => Met k041_every_meta_is_an_object;
    42 "M" "`links` is an object of URI references, link objects and null" =>
        Met k042_links_are_an_object_of_texts_and_nulls;
    43 "M" "a link object has `href`" => NotApplicable: "links are texts, never objects";
    44 "S" "the relation type is the link's name unless `rel` says otherwise" =>
        NotApplicable: "no link has a `rel`";
    45 "S" "`self` repeats the query; a link object where an extension or profile is applied" =>
        Met k045_the_self_link_repeats_the_query_of_the_request;
    46 "M" "a resource's `self` link answers with it" => NotApplicable: "resource objects carry no links";
    47 "M" "`jsonapi`, if sent, is an object" => NotApplicable: "`jsonapi` is not sent";
    48 "M" "member names: their characters, and case counts" =>
        Deviation k048_member_names_are_well_formed_and_their_case_counts
        : "but those of `meta.changed` in a conflict, which name members of preferences and rows; see [deviations.md](deviations.md)";
    49 "M" "`@` members are ignored in requests" => Met k049_at_members_are_ignored;
    50 "M" "extension members are `namespace:name`" => NotBuilt: "no extension is supported";
    51 "M" "every `self` and `related` URL answers GET" =>
        Met k051_every_self_link_answers_get_with_its_document;
    52 "M" "a fetch that succeeds is 200" => Met k052_a_fetch_that_succeeds_is_200;
    53 "M" "a collection is an array, also when empty" => Met k053_a_list_is_an_array_also_when_it_is_empty;
    54 "M" "an individual resource, or null where there could be one" =>
        Met k054_an_individual_resource_is_one_object_and_never_null;
    55 "M" "a single resource that is missing is 404" => Met k055_a_single_resource_that_is_missing_is_404;
    56 "M" "a relationship URL answers with its linkage" => Met k056_every_relationship_is_read_by_itself;
    57 "M" "a relationship URL that does not exist is 404" => Met k057_a_relationship_that_does_not_exist_is_404;
    58 "M" "an empty relationship is 200" => Met k058_a_relationship_that_is_empty_is_200_with_an_empty_array;
    59 "M" "an endpoint without `include` answers it with 400" =>
        Met k059_an_endpoint_that_includes_nothing_refuses_include;
    60 "M" "`include` sent: `included` is there, also empty" =>
        Met k060_included_is_there_whenever_include_was_sent;
    61 "M" "nothing unrequested in `included`" => Met k061_nothing_comes_that_was_not_asked_for;
    62 "M" "`include` is a comma list of paths; empty asks for nothing" =>
        Met k062_the_value_is_a_list_of_paths_and_an_empty_one_asks_for_nothing;
    63 "M" "an unknown path is 400" => Met k063_unknown_include_is_400;
    64 "M" "`a.b` brings what lies between" => Met k064_a_nested_path_brings_what_lies_between;
    65 "M" "`fields[TYPE]` is a comma list; empty leaves no field" =>
        Met k065_a_fieldset_is_a_comma_list_and_an_empty_one_leaves_no_field;
    66 "M" "no other field of that type is sent" => Met k066_no_other_field_is_sent_anywhere;
    67 "M" "an unsupported `sort` is 400" => Met k067_a_sort_that_is_not_supported_is_400;
    68 "M" "ascending unless the field has a minus" => Met k068_a_field_sorts_upwards_unless_it_has_a_minus;
    69 "S" "several fields apply in their order" => Met k069_several_fields_apply_in_their_order;
    70 "M" "`data` follows the criteria" => Met k070_primary_data_follows_the_criteria;
    71 "M" "pagination links stand beside the collection" => Met k071_the_links_of_a_page_stand_beside_the_list;
    72 "M" "they are `first`, `last`, `prev`, `next`" => Met k072_the_links_are_called_first_last_prev_and_next;
    73 "M" "an unavailable one is omitted or null" => Met k073_a_link_that_leads_nowhere_is_null;
    74 "M" "their order is that of the sort" => Met k074_the_order_of_pages_is_that_of_the_sort;
    75 "S" "parameters of the `page` family" => Met k075_pages_are_asked_for_by_the_page_family;
    76 "M" "profile: a total order, by id at last" => Met k076_rows_of_one_time_are_ordered_by_their_ids;
    77 "M" "profile: `page[size]` is a positive integer up to a maximum that is told" =>
        Met k077_a_size_that_is_no_positive_integer_or_too_large_is_400;
    78 "M" "profile: `page[after]` and `page[before]` are cursors" => NotBuilt: "pages are numbered";
    79 "S" "parameters of the `filter` family" => Met k079_filters_are_of_the_filter_family;
    80 "M" "the query is read as a form" => Met k080_a_query_is_read_as_a_form;
    81 "M" "an unknown or ill-named parameter is 400" => Met k081_a_parameter_that_is_unknown_or_ill_named_is_400;
    82 "M" "our own parameters have a character outside a-z" =>
        Deviation k082_only_since_has_a_name_of_small_letters_alone
        : "`since` of the exact pull is named by the design; see [deviations.md](deviations.md)";
    83 "M" "extension parameters are `namespace:` and a-z" => NotBuilt: "no extension is supported";
    84 "M" "the syntax of families" => Met k084_families_have_their_syntax;
    85 "S" "brackets may come unencoded" => Met k085_brackets_mean_the_same_encoded_or_not;
    86 "M" "URLs that we send encode them" => Met k086_names_in_links_are_percent_encoded;
    87 "M" "a request succeeds or fails as a whole" => Met k087_a_request_succeeds_or_fails_as_a_whole;
    88 "M" "a create has one resource object with `type`" => Met k088_a_create_has_one_resource_object_with_a_type;
    89 "M" "a relationship of a create has `data`" => Met k089_a_relationship_of_a_create_has_data;
    90 "M" "client ids: 403, or unique UUIDs" => Met k090_a_client_may_make_an_id_that_is_a_uuid;
    91 "M" "201 with the resource" => Met k091_a_create_is_201_with_the_resource;
    92 "S" "`Location` is the resource, and equal to its `self`" => Met k092_the_location_of_a_create_is_the_resource;
    93 "M" "202 when it is not finished" => NotApplicable: "every create is finished when it is answered";
    94 "M" "204 or no data only when nothing else was changed" => Met k094_no_create_is_answered_without_its_resource;
    95 "M" "404 for a related resource that does not exist" =>
        Met k095_a_related_resource_that_does_not_exist_is_404;
    96 "M" "409 for an id that exists" => Met k096_an_id_that_exists_is_409;
    97 "M" "409 for a type of another collection" => Met k097_another_type_than_the_lists_is_409_and_told;
    98 "M" "an update has one resource object with `type` and `id`" =>
        Deviation k098_an_update_has_one_object_with_a_type_and_may_leave_out_its_id
        : "`id` may be left out, as the documented PUT does; see [deviations.md](deviations.md)";
    99 "M" "absent attributes keep their values" => Met k099_attributes_that_are_absent_keep_their_values;
    100 "M" "absent relationships keep their values" => Met k100_relationships_that_are_absent_keep_their_values;
    101 "M" "a relationship that is given replaces the old one" =>
        Deviation k101_a_relationship_of_a_user_may_only_be_what_is_stored_and_must_have_data
        : "a user's relationships may be sent back as they are stored, or hold rows to be made or changed; see [deviations.md](deviations.md)";
    102 "M" "a refused replacement refuses the whole update with 403" =>
        Met k102_an_update_whose_replacement_is_refused_is_refused_as_a_whole;
    103 "M" "200 with the resource where the server changed more" =>
        Met k103_an_update_is_200_with_the_resource_as_it_became;
    104 "M" "202 when not finished; else 200 or 204" =>
        Met k104_an_update_that_changes_nothing_is_200_with_the_resource;
    105 "M" "403 for an unsupported update" => Met k105_an_update_that_is_not_supported_is_403;
    106 "M" "404 for what does not exist, or a related resource" =>
        Met k106_an_update_of_what_does_not_exist_or_to_it_is_404;
    107 "M" "409 for another type or id than the endpoint's" => Met k107_another_type_or_id_than_the_endpoints_is_409;
    108 "MAY" "409 for other constraints, with what is in conflict" => Met k108_a_conflict_tells_what_it_is_about;
    109 "–" "PUT is PATCH; a POST may ask for it" => Met k109_put_is_patch_and_a_post_may_ask_for_either;
    110 "M" "PATCH of a to-one relationship takes an identifier or null" =>
        Met k110_a_to_one_relationship_takes_an_identifier_or_null;
    111 "M" "a to-many relationship takes an array of identifiers" =>
        Met k111_a_to_many_relationship_takes_an_array_of_identifiers;
    112 "M" "PATCH of a to-many relationship: all, or an error, or 403" =>
        Met k112_a_patch_of_a_list_keeps_it_or_is_403;
    113 "M" "POST to one: no member twice; all present is success" =>
        Met k113_a_post_of_members_that_are_there_succeeds_and_doubles_nothing;
    114 "M" "DELETE from one: absent already is success" => Met k114_a_delete_of_members_that_are_absent_succeeds;
    115 "M" "200 with linkage, 204, 202, or 403" =>
        Met k115_an_update_of_linkage_is_204_where_nothing_changes_and_else_403;
    116 "M" "a deletion is 204, 200 with `meta`, or 202" => Met k116_a_deletion_is_204_without_a_body;
    117 "S" "404 for what does not exist" => Met k117_what_does_not_exist_can_not_be_deleted;
    118 "M" "errors are an array of objects with a member at least" =>
        Met k118_errors_are_an_array_of_objects_with_members;
    119 "S" "`status` is the HTTP status as a string" => Met k119_the_status_of_an_error_is_the_http_status_as_text;
    120 "S" "`title` is the kind's, `detail` the occurrence's" =>
        Met k120_the_title_is_that_of_the_kind_and_the_detail_of_the_occurrence;
    121 "S" "`source` is one of `pointer`, `parameter`, `header`" =>
        Met k121_a_source_is_a_pointer_a_parameter_or_a_header;
    122 "M" "`pointer` names a value that exists in the request" =>
        Met k122_a_pointer_names_a_value_that_was_sent_or_the_object_that_lacks_one;
    123 "S" "`links.about` and `links.type` of an error" => Met k123_links_type_of_an_error_leads_to_what_is_written_about_its_code;
    124 "S" "several problems have the most general status" =>
        Deviation k124_problems_of_several_statuses_are_400_and_409_where_a_conflict_is_among_them
        : "400 where they differ, but 409 where a conflict is among them, for which clients of the field look";
    125 "–" "`code` and `id` are strings, `id` one per occurrence" => Met k125_codes_and_ids_are_texts_and_no_id_comes_twice;
    126 "M" "atomic: POST with `ext` only" => Met k126_operations_are_posted_with_the_extension_and_nothing_else;
    127 "M" "atomic: which members stand at the top" => Met k127_a_document_of_operations_has_no_data_included_or_results;
    128 "M" "atomic: `op`, and `ref` or `href`" => Met k128_an_operation_has_an_op_and_one_target;
    129 "M" "atomic: in order" => Met k129_operations_run_in_order;
    130 "M" "atomic: all or nothing" => Met k130_all_operations_happen_or_none;
    131 "M" "atomic: 200 with a result for each, or 204" => Met k131_there_is_a_result_for_each_operation_in_its_place;
    132 "M" "atomic: a malformed operation is 400" => Met k132_a_malformed_operation_is_400_and_tells_which_one;
    133 "M" "atomic: an impossible operation is 400 or better" => Met k133_an_impossible_operation_is_refused_as_at_its_endpoint;
    134 "M" "atomic: adding a resource" => Met k134_adding_a_resource_answers_with_it;
    135 "M" "atomic: updating a resource" => Met k135_updating_a_resource_answers_with_it_however_it_is_named;
    136 "M" "atomic: removing a resource" => Met k136_removing_a_resource_has_a_result_without_data;
    137 "M" "atomic: relationships" => Met k137_relationship_operations_are_answered_as_at_their_endpoints;
    138 "M" "atomic: a `lid` of an earlier add" => Met k138_a_lid_names_what_an_earlier_operation_makes;
    139 "S" "member names in camelCase" => Deviation: "names are snake_case, as documented; see [deviations.md](deviations.md)";
    140 "S" "URLs `/type/id` and below" => Deviation: "paths are the original's, below `/api/v2/user`";
    141 "S" "links at every level" => Deviation: "only lists have links; the documented resources show none; see [deviations.md](deviations.md)";
    142 "S" "ISO 8601 dates; 202 for what takes long" => Met k142_times_are_iso_8601;
    143 "M" "a profile alters nothing of the specification" => NotBuilt: "there is no profile of our own";
    144 "M" "an extension has one namespace" => NotBuilt: "there is no extension of our own";
    145 "S" "each has a URI that documents it" => NotBuilt: "there is none of our own";
}

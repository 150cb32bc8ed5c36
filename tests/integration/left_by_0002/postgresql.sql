CREATE SCHEMA dbos;

CREATE TABLE dbos.operation_outputs (
    workflow_uuid text NOT NULL,
    function_id integer NOT NULL,
    function_name text DEFAULT ''::text NOT NULL,
    output text,
    error text,
    child_workflow_id text,
    started_at_epoch_ms bigint,
    completed_at_epoch_ms bigint,
    serialization text,
    application_name text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);
CREATE TABLE dbos.workflow_input (
    workflow_uuid text NOT NULL,
    inputs text,
    retention_timestamp bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL
);
CREATE TABLE dbos.workflow_status (
    workflow_uuid text NOT NULL,
    status text,
    name text,
    authenticated_user text,
    assumed_role text,
    authenticated_roles text,
    request text,
    output text,
    error text,
    executor_id text,
    created_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    updated_at bigint DEFAULT ((EXTRACT(epoch FROM now()) * 1000.0))::bigint NOT NULL,
    application_version text,
    application_id text,
    class_name character varying(255) DEFAULT NULL::character varying,
    config_name character varying(255) DEFAULT NULL::character varying,
    recovery_attempts bigint DEFAULT 0,
    queue_name text,
    workflow_timeout_ms bigint,
    workflow_deadline_epoch_ms bigint,
    inputs text,
    started_at_epoch_ms bigint,
    deduplication_id text,
    priority integer DEFAULT 0 NOT NULL,
    queue_partition_key text,
    forked_from text,
    owner_xid text,
    parent_workflow_id text,
    serialization text,
    delay_until_epoch_ms bigint,
    was_forked_from boolean DEFAULT false NOT NULL,
    rate_limited boolean DEFAULT false NOT NULL,
    completed_at bigint,
    attributes jsonb,
    schedule_name text,
    debounce_deadline_epoch_ms bigint,
    is_debounced boolean DEFAULT false NOT NULL,
    application_name text,
    creator_xid text
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.blocks (
    guild_id bigint NOT NULL,
    member_id bigint NOT NULL,
    until_ms bigint,
    reason character varying(500) DEFAULT ''::character varying NOT NULL
);
CREATE TABLE public.changes (
    id bigint NOT NULL,
    guild_id bigint NOT NULL,
    at_ms bigint NOT NULL,
    actor_id bigint NOT NULL,
    action character varying(16) NOT NULL,
    target character varying(8) DEFAULT ''::character varying NOT NULL,
    target_id bigint DEFAULT '0'::bigint NOT NULL,
    before json,
    after json
);
CREATE SEQUENCE public.changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.changes_id_seq OWNED BY public.changes.id;
CREATE TABLE public.counters (
    guild_id bigint NOT NULL,
    member_id bigint NOT NULL,
    unit character varying(8) NOT NULL,
    period character varying(10) NOT NULL,
    used bigint DEFAULT '0'::bigint NOT NULL,
    held bigint DEFAULT '0'::bigint NOT NULL
);
CREATE TABLE public.entries (
    job_id bigint NOT NULL,
    phase character varying(8) NOT NULL,
    kind character varying(8) NOT NULL,
    at_ms bigint NOT NULL,
    owner character varying(64) NOT NULL,
    guild_id bigint NOT NULL,
    member_id bigint NOT NULL,
    day character varying(10) NOT NULL,
    week character varying(10) NOT NULL,
    month character varying(10) NOT NULL,
    budget_month character varying(10) NOT NULL,
    images integer NOT NULL,
    charge bigint NOT NULL,
    cost bigint NOT NULL
);
CREATE TABLE public.guilds (
    guild_id bigint NOT NULL,
    zone character varying(64) DEFAULT 'UTC'::character varying NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    pause_note character varying(500) DEFAULT ''::character varying NOT NULL,
    revision integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.jobs (
    job_id bigint NOT NULL,
    owner character varying(64) NOT NULL,
    calls smallint DEFAULT '0'::smallint NOT NULL,
    lives smallint DEFAULT '0'::smallint NOT NULL,
    cancelled smallint DEFAULT '0'::smallint NOT NULL,
    sealed bytea NOT NULL
);
CREATE TABLE public.notices (
    member_id bigint NOT NULL,
    guild_id bigint NOT NULL,
    job_id bigint NOT NULL,
    at_ms bigint NOT NULL,
    sealed bytea NOT NULL
);
CREATE TABLE public.rules (
    guild_id bigint NOT NULL,
    target character varying(8) NOT NULL,
    target_id bigint NOT NULL,
    rule json NOT NULL
);
ALTER TABLE ONLY public.changes ALTER COLUMN id SET DEFAULT nextval('public.changes_id_seq'::regclass);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592005', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.005587618999925326,\"cost\":52730,\"unclear_calls\":0}"', NULL, NULL, 1796086259205, 1796086259216, 'portable_json', 'easel', 1796086259217);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592006', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.008968451000100686,\"cost\":52730,\"unclear_calls\":0}"', NULL, NULL, 1796086259214, 1796086259233, 'portable_json', 'easel', 1796086259235);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592004', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.03567729699989286,\"cost\":52730,\"unclear_calls\":0}"', NULL, NULL, 1796086259195, 1796086259235, 'portable_json', 'easel', 1796086259236);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592007', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\",\"png\"],\"filtered\":1,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.008394110999915938,\"cost\":52730,\"unclear_calls\":0}"', NULL, NULL, 1796086259242, 1796086259258, 'portable_json', 'easel', 1796086259259);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592008', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.013689522000049692,\"cost\":52730,\"unclear_calls\":1}"', NULL, NULL, 1796086259263, 1796086259279, 'portable_json', 'easel', 1796086259280);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592009', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.0036090639998747065,\"cost\":52730,\"unclear_calls\":0}"', NULL, NULL, 1796086259273, 1796086259280, 'portable_json', 'easel', 1796086259281);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592010', 1, 'draw', '"{\"failed\":\"PromptRefused\",\"formats\":[],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":0,\"unclear_calls\":0}"', NULL, NULL, 1796086259283, 1796086259299, 'portable_json', 'easel', 1796086259301);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592011', 1, 'draw', '"{\"failed\":\"PromptRefused\",\"formats\":[],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":0,\"unclear_calls\":0}"', NULL, NULL, 1796086259298, 1796086259306, 'portable_json', 'easel', 1796086259307);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592012', 1, 'draw', '"{\"failed\":\"ServiceFailed\",\"formats\":[],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":0,\"unclear_calls\":2}"', NULL, NULL, 1796086259309, 1796086259333, 'portable_json', 'easel', 1796086259334);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592018', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.006036929999936547,\"cost\":52730,\"unclear_calls\":0}"', NULL, NULL, 1796086260937, 1796086260949, 'portable_json', 'easel', 1796086260953);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592020', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.004135545000053753,\"cost\":52730,\"unclear_calls\":0}"', NULL, NULL, 1796086260972, 1796086260981, 'portable_json', 'easel', 1796086260984);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592021', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"art\",\"request_id\":\"request\",\"seconds\":0.001605987999937497,\"cost\":52730,\"unclear_calls\":0}"', NULL, NULL, 1796086261018, 1796086261022, 'portable_json', 'easel', 1796086261023);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592021 again 4371799e7054430fa4565332e797ef16', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":52975,\"unclear_calls\":0}"', NULL, NULL, 1796086262597, 1796086262601, 'portable_json', 'easel', 1796086262603);
INSERT INTO dbos.operation_outputs VALUES ('1572582134382592019', 1, 'draw', '"{\"failed\":\"\",\"formats\":[\"png\"],\"filtered\":0,\"archived\":true,\"deployment\":\"\",\"request_id\":\"\",\"seconds\":0.0,\"cost\":52935,\"unclear_calls\":0}"', NULL, NULL, 1796086263755, 1796086263759, 'portable_json', 'easel', 1796086263761);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592002', '{"namedArgs":{},"positionalArgs":["1572582134382592002","1572582134384592002"]}', 1796086259146);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592003', '{"namedArgs":{},"positionalArgs":["1572582134382592003","1572582134384592003"]}', 1796086259167);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592004', '{"namedArgs":{},"positionalArgs":["1572582134382592004","1572582134384592004"]}', 1796086259187);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592005', '{"namedArgs":{},"positionalArgs":["1572582134382592005","1572582134384592005"]}', 1796086259202);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592006', '{"namedArgs":{},"positionalArgs":["1572582134382592006",""]}', 1796086259209);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592007', '{"namedArgs":{},"positionalArgs":["1572582134382592007","1572582134384592007"]}', 1796086259239);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592008', '{"namedArgs":{},"positionalArgs":["1572582134382592008","1572582134384592008"]}', 1796086259251);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592009', '{"namedArgs":{},"positionalArgs":["1572582134382592009","1572582134384592009"]}', 1796086259268);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592010', '{"namedArgs":{},"positionalArgs":["1572582134382592010","1572582134384592010"]}', 1796086259278);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592011', '{"namedArgs":{},"positionalArgs":["1572582134382592011","1572582134384592011"]}', 1796086259293);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592012', '{"namedArgs":{},"positionalArgs":["1572582134382592012","1572582134384592012"]}', 1796086259306);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592013', '{"namedArgs":{},"positionalArgs":["1572582134382592013","1572582134384592013"]}', 1796086259314);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592014', '{"namedArgs":{},"positionalArgs":["1572582134382592014","1572582134384592014"]}', 1796086259353);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592015', '{"namedArgs":{},"positionalArgs":["1572582134382592015","1572582134384592015"]}', 1796086259363);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592016', '{"namedArgs":{},"positionalArgs":["1572582134382592016","1572582134384592016"]}', 1796086260885);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592017', '{"namedArgs":{},"positionalArgs":["1572582134382592017","1572582134384592017"]}', 1796086260915);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592018', '{"namedArgs":{},"positionalArgs":["1572582134382592018","1572582134384592018"]}', 1796086260934);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592019', '{"namedArgs":{},"positionalArgs":["1572582134382592019","1572582134384592019"]}', 1796086260941);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592020', '{"namedArgs":{},"positionalArgs":["1572582134382592020","1572582134384592020"]}', 1796086260970);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592021', '{"namedArgs":{},"positionalArgs":["1572582134382592021","1572582134384592021"]}', 1796086261014);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592022', '{"namedArgs":{},"positionalArgs":["1572582134382592022","1572582134384592022"]}', 1796086261038);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592020 again 88d33faee5d44570bda74c662c93a1a8', '{"namedArgs":{},"positionalArgs":["1572582134382592020",""]}', 1796086262579);
INSERT INTO dbos.workflow_input VALUES ('1572582134382592021 again 4371799e7054430fa4565332e797ef16', '{"namedArgs":{},"positionalArgs":["1572582134382592021",""]}', 1796086262591);
INSERT INTO dbos.workflow_status VALUES ('1572582134382592002', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259146, 1796086259146, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '12f34153-e3d9-445c-9b99-564d98d1ff80', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '12f34153-e3d9-445c-9b99-564d98d1ff80');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592003', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259167, 1796086259167, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'a7abd489-441c-4fa2-ac32-7e0049fa290f', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'a7abd489-441c-4fa2-ac32-7e0049fa290f');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592004', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259187, 1796086259187, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '11602e14-f613-4c1e-ab8e-6432df710a57', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '11602e14-f613-4c1e-ab8e-6432df710a57');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592005', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259202, 1796086259202, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'dcac7a6e-aa55-4c4f-afae-114c0555fb35', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'dcac7a6e-aa55-4c4f-afae-114c0555fb35');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592006', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259209, 1796086259209, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '2df0b126-1f0c-4045-aca0-bc1de5dce3a8', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '2df0b126-1f0c-4045-aca0-bc1de5dce3a8');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592007', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259239, 1796086259239, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'f3559cc9-63b5-4409-97c5-ec7ccfaf80cb', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'f3559cc9-63b5-4409-97c5-ec7ccfaf80cb');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592008', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259251, 1796086259251, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '1940894b-027e-4b99-adee-598e3cf3e751', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '1940894b-027e-4b99-adee-598e3cf3e751');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592009', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259268, 1796086259268, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '89aee2b5-65c5-4cad-8b4c-7dda0b9a5e57', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '89aee2b5-65c5-4cad-8b4c-7dda0b9a5e57');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592010', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259278, 1796086259278, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '3c076ba8-f0fd-4309-8d07-2b5a9ca2f914', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '3c076ba8-f0fd-4309-8d07-2b5a9ca2f914');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592011', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259293, 1796086259293, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'e33e1bcc-5eb8-4d82-806c-c757f8dfba1e', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'e33e1bcc-5eb8-4d82-806c-c757f8dfba1e');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592012', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259306, 1796086259306, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'be174208-b8ef-45e5-95ea-b716c0703768', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'be174208-b8ef-45e5-95ea-b716c0703768');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592013', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259314, 1796086259314, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '569526fe-159a-4ea0-b570-d84ff19db494', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '569526fe-159a-4ea0-b570-d84ff19db494');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592014', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259353, 1796086259353, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'f5a83f83-5c98-45e1-ad51-39f31f739de8', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'f5a83f83-5c98-45e1-ad51-39f31f739de8');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592015', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/0#1', 1796086259363, 1796086259363, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '4ebe81d5-ecb4-4db6-9b78-c55db4c4aecb', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '4ebe81d5-ecb4-4db6-9b78-c55db4c4aecb');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592017', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#1', 1796086260915, 1796086260915, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '17bae41d-ed9e-4202-b285-125216d4d5ab', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '17bae41d-ed9e-4202-b285-125216d4d5ab');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592020', 'SUCCESS', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#1', 1796086260970, 1796086260995, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796086260995, 'null', NULL, NULL, false, 'easel', 'e4b0471e-b0df-44de-998d-d4d6cecf59d1');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592021', 'SUCCESS', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#1', 1796086261014, 1796086261032, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, 'portable_json', NULL, false, false, 1796086261032, 'null', NULL, NULL, false, 'easel', '2ba24799-7809-4788-aa44-c88c630a6342');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592020 again 88d33faee5d44570bda74c662c93a1a8', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#2', 1796086262579, 1796086262579, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 'eae7ba47-793d-4d23-bb40-8d2593a5defc', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'eae7ba47-793d-4d23-bb40-8d2593a5defc');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592021 again 4371799e7054430fa4565332e797ef16', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#2', 1796086262591, 1796086262591, '1', '', NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, '000320e1-5ac1-4b20-9db6-30f44ff5ad61', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '000320e1-5ac1-4b20-9db6-30f44ff5ad61');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592016', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#2', 1796086260885, 1796086263721, '1', '', NULL, NULL, 1, 'resumed by bot/1#2', NULL, NULL, NULL, 1796086263721, NULL, 0, NULL, NULL, '8aa63c2e-4a88-4bba-b1ed-9f8768a11a2a', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'f3c91eb9-3e08-4a30-bbe2-c8e2e65972b8');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592018', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#2', 1796086260934, 1796086263721, '1', '', NULL, NULL, 1, 'resumed by bot/1#2', NULL, NULL, NULL, 1796086263721, NULL, 0, NULL, NULL, '8aa63c2e-4a88-4bba-b1ed-9f8768a11a2a', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '73591369-c852-4e28-8006-88701fe1ec82');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592019', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#2', 1796086260941, 1796086263721, '1', '', NULL, NULL, 1, 'resumed by bot/1#2', NULL, NULL, NULL, 1796086263721, NULL, 0, NULL, NULL, '8aa63c2e-4a88-4bba-b1ed-9f8768a11a2a', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', '56558eb0-42f0-41f9-bbfd-b39ea39b0bfa');
INSERT INTO dbos.workflow_status VALUES ('1572582134382592022', 'PENDING', 'imagine.v1', NULL, NULL, NULL, NULL, NULL, NULL, 'bot/1#2', 1796086261038, 1796086263953, '1', '', NULL, NULL, 1, 'resumed by bot/1#2', NULL, NULL, NULL, 1796086263953, NULL, 0, NULL, NULL, '9f8ff718-b9bd-42d2-bd74-2124d6d715c8', NULL, 'portable_json', NULL, false, false, NULL, 'null', NULL, NULL, false, 'easel', 'e8eceea4-2e21-4304-a8ba-6d39f807d61a');
INSERT INTO public.alembic_version VALUES ('0002_jobs');
INSERT INTO public.counters VALUES (700, 702, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 702, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 702, 'charge', '2026-11', 0, 52870);
INSERT INTO public.counters VALUES (700, 702, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 703, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 703, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 703, 'charge', '2026-11', 0, 52875);
INSERT INTO public.counters VALUES (700, 703, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 704, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 704, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 704, 'charge', '2026-11', 0, 52860);
INSERT INTO public.counters VALUES (700, 704, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 705, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 705, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 705, 'charge', '2026-11', 0, 52880);
INSERT INTO public.counters VALUES (700, 705, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 706, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 706, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 706, 'charge', '2026-11', 0, 52875);
INSERT INTO public.counters VALUES (700, 706, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 707, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 707, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 707, 'charge', '2026-11', 0, 52890);
INSERT INTO public.counters VALUES (700, 707, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 708, 'images', '2026-11-18', 0, 3);
INSERT INTO public.counters VALUES (700, 708, 'images', '2026-W47', 0, 3);
INSERT INTO public.counters VALUES (700, 708, 'charge', '2026-11', 0, 158265);
INSERT INTO public.counters VALUES (700, 708, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 710, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 710, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 710, 'charge', '2026-11', 0, 52885);
INSERT INTO public.counters VALUES (700, 710, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 709, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 709, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 709, 'charge', '2026-11', 0, 52960);
INSERT INTO public.counters VALUES (700, 709, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 711, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 711, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 711, 'charge', '2026-11', 0, 52875);
INSERT INTO public.counters VALUES (700, 711, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 712, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 712, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 712, 'charge', '2026-11', 0, 52920);
INSERT INTO public.counters VALUES (700, 712, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 714, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 714, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 714, 'charge', '2026-11', 0, 52945);
INSERT INTO public.counters VALUES (700, 714, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 713, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 713, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 713, 'charge', '2026-11', 0, 52900);
INSERT INTO public.counters VALUES (700, 713, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 716, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 716, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 716, 'charge', '2026-11', 0, 52925);
INSERT INTO public.counters VALUES (700, 716, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 0, 'jobs', '', 0, 22);
INSERT INTO public.counters VALUES (700, 0, 'cost', '2026-11', 211665, 1216430);
INSERT INTO public.counters VALUES (0, 0, 'cost', '2026-11', 211665, 1216430);
INSERT INTO public.counters VALUES (700, 715, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 715, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 715, 'charge', '2026-11', 0, 52875);
INSERT INTO public.counters VALUES (700, 715, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 718, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 718, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 718, 'charge', '2026-11', 0, 52890);
INSERT INTO public.counters VALUES (700, 718, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 719, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 719, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 719, 'charge', '2026-11', 0, 52965);
INSERT INTO public.counters VALUES (700, 719, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 720, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 720, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 720, 'charge', '2026-11', 0, 52935);
INSERT INTO public.counters VALUES (700, 720, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 721, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 721, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 721, 'charge', '2026-11', 0, 52955);
INSERT INTO public.counters VALUES (700, 721, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 722, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 722, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 722, 'charge', '2026-11', 0, 52975);
INSERT INTO public.counters VALUES (700, 722, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 723, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 723, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 723, 'charge', '2026-11', 0, 52905);
INSERT INTO public.counters VALUES (700, 723, 'jobs', '', 0, 1);
INSERT INTO public.counters VALUES (700, 717, 'images', '2026-11-18', 0, 1);
INSERT INTO public.counters VALUES (700, 717, 'images', '2026-W47', 0, 1);
INSERT INTO public.counters VALUES (700, 717, 'charge', '2026-11', 0, 52905);
INSERT INTO public.counters VALUES (700, 717, 'jobs', '', 0, 1);
INSERT INTO public.entries VALUES (1572582134382592001, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 702, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52870, 52870);
INSERT INTO public.entries VALUES (1572582134382592002, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 703, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52875, 52875);
INSERT INTO public.entries VALUES (1572582134382592003, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 704, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52860, 52860);
INSERT INTO public.entries VALUES (1572582134382592004, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 705, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52880, 52880);
INSERT INTO public.entries VALUES (1572582134382592005, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 706, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52875, 52875);
INSERT INTO public.entries VALUES (1572582134382592006, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 707, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52890, 52890);
INSERT INTO public.entries VALUES (1572582134382592007, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 708, '2026-11-18', '2026-W47', '2026-11', '2026-11', 3, 158265, 158265);
INSERT INTO public.entries VALUES (1572582134382592008, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 709, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52960, 52960);
INSERT INTO public.entries VALUES (1572582134382592009, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 710, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52885, 52885);
INSERT INTO public.entries VALUES (1572582134382592008, 'unclear1', 'unclear', 1795003200000, 'bot/0#1', 700, 709, '2026-11-18', '2026-W47', '2026-11', '2026-11', 0, 0, 52960);
INSERT INTO public.entries VALUES (1572582134382592010, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 711, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52875, 52875);
INSERT INTO public.entries VALUES (1572582134382592011, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 712, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52920, 52920);
INSERT INTO public.entries VALUES (1572582134382592012, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 713, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52900, 52900);
INSERT INTO public.entries VALUES (1572582134382592013, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 714, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52945, 52945);
INSERT INTO public.entries VALUES (1572582134382592012, 'unclear1', 'unclear', 1795003200000, 'bot/0#1', 700, 713, '2026-11-18', '2026-W47', '2026-11', '2026-11', 0, 0, 52900);
INSERT INTO public.entries VALUES (1572582134382592012, 'unclear2', 'last', 1795003200000, 'bot/0#1', 700, 713, '2026-11-18', '2026-W47', '2026-11', '2026-11', 0, 0, 52900);
INSERT INTO public.entries VALUES (1572582134382592014, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 715, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52875, 52875);
INSERT INTO public.entries VALUES (1572582134382592015, 'begin', 'reserve', 1795003200000, 'bot/0#1', 700, 716, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52925, 52925);
INSERT INTO public.entries VALUES (1572582134382592016, 'begin', 'reserve', 1795003200000, 'bot/1#1', 700, 717, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52905, 52905);
INSERT INTO public.entries VALUES (1572582134382592017, 'begin', 'reserve', 1795003200000, 'bot/1#1', 700, 718, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52890, 52890);
INSERT INTO public.entries VALUES (1572582134382592018, 'begin', 'reserve', 1795003200000, 'bot/1#1', 700, 719, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52965, 52965);
INSERT INTO public.entries VALUES (1572582134382592019, 'begin', 'reserve', 1795003200000, 'bot/1#1', 700, 720, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52935, 52935);
INSERT INTO public.entries VALUES (1572582134382592020, 'begin', 'reserve', 1795003200000, 'bot/1#1', 700, 721, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52955, 52955);
INSERT INTO public.entries VALUES (1572582134382592021, 'begin', 'reserve', 1795003200000, 'bot/1#1', 700, 722, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52975, 52975);
INSERT INTO public.entries VALUES (1572582134382592022, 'begin', 'reserve', 1795003200000, 'bot/1#1', 700, 723, '2026-11-18', '2026-W47', '2026-11', '2026-11', 1, 52905, 52905);
INSERT INTO public.entries VALUES (1572582134382592016, 'unclear1', 'unclear', 1795003200000, 'bot/1#2', 700, 717, '2026-11-18', '2026-W47', '2026-11', '2026-11', 0, 0, 52905);
INSERT INTO public.jobs VALUES (1572582134382592001, 'bot/0#1', 0, 0, 0, '\x674141414141427244686e7a632d61304d61686a435873566e58784e346d364866632d733236717546306a64495a366a587941684f7771662d52416b72617a586d7a3349513842414f496a315776582d6b4146674c6a67626468344563725a6454763633375a4c722d4748797171506c456161684e66756c31785566497368767578754941504a78722d654d4a496e54504b56435a6f6b43676b657331364c426d7a49464e5f3770612d745f7959563251436b6e35433146414b7a58357538716e34305f78386b376c446b734d426a6d6c4578636244366836426436696242766e43306552724d49325f336947633838696d376835736f51395448766c5545597667494b64643450534d6a6e66515f43613645553453444664446f703364625848456f5f57647142385f635f5551356c737a4e7449557968672d4f5a66773950476a78574f64363241565261366752643258366f4a394c587a4750514d6349522d4f4c4b503775466c425a4e734d693847582d6b304b6a4a41715564646d5749755278355a5156507946764757754231415a476a336e73564442744d724e52664169665f7939366279457867507075475756453259427962656d766b3467684542645456676a436d3231426b426f436f5550314c644a4d755873506745574e724c4a744948644f4145734a726b70535a4e6965785f75314e706b364655444a2d735f68566648746f73657850753972747070774765504e6f3844746f4b5949313345724f724b3649384a7a4d4f714c625067797a785078574b55666e7835437031506966526b7072686f4e624d4d574c437675756b6543474555364c746d4b784158767773456a4d557650496443533674325375504b7a67395f53734766626f6a47374a374c7362325577615338614578514a6a4268744c72613931593839767972714450352d47515143796854484b5f34445a3341594361693857474541735231546a5f4d36445a6b43306d6c5a444278554e36646c6a48332d634b442d4e634a5252664e7143764564454c6f746f42685a63393479726577716f5a43445175305632527378754f485534');
INSERT INTO public.jobs VALUES (1572582134382592002, 'bot/0#1', 1, 0, 0, '\x674141414141427244686e7a466275646f6c786170686f545f5634774f436f756733357a726656765543416161336f41466157516b5867465644356437316a49554b4e43506d6f30327a4338703339713150694168506f4c65637765655147354361347533637071394f79483556695362496a68415748614f4d6e7553747576576d45597857675858686f73674f4a51634f7631697332684e3477624936574669543755374437536a38495f37503343476d697a796574542d4b366f7338365a7561664252302d52465334394575324633596348534668324465696c764c4d6b68734555455268655a4f665934464d6c6b6b534a5279796b795f426755786f6574516f574f45416b5a745a694c7144644b67667033597136456b5270685673354830675a4873557a5f3172666e36634d4d2d2d6e434756395642686b5f394e79623153546b50464d705930457478624e56695f503561484957634971646a57784578507a6c537a6d6b635a4c6241775a44456b797858437338354163356a7435463677695a745f454771657a4b337a6a476e47304d4b59535a31454c69394a684a6f3031776e694779516d526e5847536f454e5f372d4e3145666b6f46345554794c4f6258665145367a562d66674270495137767265467373555652676f4f6249426866726c4a4572546a432d647370645632534549766644684557586e4c52515f436d6c65582d43703964313678577a6a4d5476507779774b35476a4a52676f78757845303350476a79725a6f3061756e32596745717772616d4c4b77423839622d72624e616c7a65487268576b6c3867714376714e6e764f38453937583747724253504a673277745649587a47685179485941734d515f6c49467161376e66476a724c4d4d647172615a354765706f576a6936596663376d6c77524c3848724b434270376d494e4f6263695061677741614b41384b336855524d46495a3975654172375f517368395f696d674954524e57385a4b4b6b645a6f384a494b6a477a596d2d5f35744c3641585361504e4648314d363752365758447838527263384a767855556b32412d385f');
INSERT INTO public.jobs VALUES (1572582134382592005, 'bot/0#1', 1, 0, 0, '\x674141414141427244686e7a545266485442447367772d3669447258655a6d4a2d3558743979674d62787a344934457a66586876456f63584f325972356f7237697365542d535f47617833486d76476f7939416776776836454777477a4e305866764f6668674764496d4d4d454a6b476f746137384c4f57727351516a4876704d665364533476386c677a633157626a74636a634b3070427563454e512d755659675f626b736f4445416a42757679314346714a42736d2d516661327332355736622d7855414f3762787a4a785f364e6542464831646d6a626437747369756f666f5055564b2d4b4476674e76516676626c645f64494938477367326f44786142566d5445363673474b587742626952324f77526e5861526670454779315f33666936637757484e54767749623030424150383734766d53576751567064646853784e304f386c435a6f4e52634c7635425f577a77646c5076396468434f48716b455a74465268447078733139594e48386b384534616b70677861434a5033796c316d673832573131474339577a79372d5a334856334341334833524262525a7a4f444b624830726f5946785a305f4d514c78526d613769574a346253576868495079437a772d58614a5a6b484c38324a4d646a7576566272364853394c2d4930334343366a6875454f3852506558584466334b7a4c6d78724f667a743144364e4d4158634579664845555737676c5f6c4d3467627a566832697a6630773872587474656b4c6956555342623370734e425673347653756c5f67582d624e63612d514154444644324e4c6c77505150434e49446a494c387272496d6953336f53457746774f75474f4971742d523233464b6338416d635f74506569614e6b655a4e76375746316d6842634157753479576f4f6e6e6e67737a46584d776e376a7942536f78684264554e314e387474345239624f6e6a41684e6a344a554d6343736c5137704144585f62706642614e75344f774b346a66564e63554e324e65422d69794d47686556556c48394565445a7039485934636c503841456f52624a69653047546c7a646347624c3674');
INSERT INTO public.jobs VALUES (1572582134382592003, 'bot/0#1', 1, 0, 0, '\x674141414141427244686e7a3352334545746770393462594651565f44722d6161576243543456347661744c49477a4f315857335a58376d6a624a4d76484465735f324a685344473075496d386955436b49366a474c70634a57434f46794550486771354542457a576e63665378377a6b5277415f66622d78594f6d756e4c77687a7444574f6d4a5263446f436b4a4c5a595f32554b6a6c3735597855516653395470314b4f45676d6f626d7367306b5f52376f4a4a6275506450765f6a37497865493653464f2d5557646266654e4f4f3876726633653345476a514d31755a565572557466516a36587346486d43476c437a5542356267656b7645324e6b6a72686e7a462d635265795f69394b70426a3252557a304c747364393666316f30314e4f6f4f39336b35416935544f7855512d4e417a75594e416e6d467971726c71727a61465f6776746f786f43517550424e4966782d685f79595652355973494a652d4378414d326a77524a3859594739396e704c31625979442d72714675585074364b683934314a762d716d415a464b355f694351426a4858633279393173356e34485365376f3142554c73546e6c6d4c647776772d6d704659576b46786e376b773037485a6e474d596f4535626c305672537367395577756b633044447137476e4532456a356d777158592d6f6e59646852304e795a39724c6c3870577658575f4756624a3977766150416a546a52747153766c3239764f5447595832654b75574a6b6334616e424a564b766d4e457a5176443661686f546977632d7130706263674555624a4e465064614f714c4548635a516372737a57505f6b57363566786b4451566363714f4e5f5146355a5f436365714163343139435f61384d39487142372d4673674867766e38673732624873412d2d786b78356a423257595f63514e386f6e6b61643145746e72594e4c55466b76746958627672306679305f6a5237644b61714b324a47326a5970616d4d303747725272516b5349515a584869635561453379694b537635474d432d743855636e76593d');
INSERT INTO public.jobs VALUES (1572582134382592004, 'bot/0#1', 1, 0, 0, '\x674141414141427244686e7a546a4e42477546414f2d6162557756527857315831774f42384a37494f63586e554e7263465a666e4830315a33545577574f6d4c32557779664935707758726557514d6d4a324f775a34474d73773938362d4137596776676e5676435646303851315730346c6350545a7435663970755655553378526b616577384163634d4a52304a336b7738365135766674593934733848514e6d5f6a6e34664e73494a663874575052367939763841432d4656447655506758535a4f3235794c733254486943572d724864585669584675724d35566b736d6a4170447143684e58546455422d32545f4f65596536396661467655704d57796b57732d6763672d70356946395f59383253385a48534549316b665f505f686e636d476a4e71587134676a626d664b514453324d34374f2d6338707a75333637694a69756745704e3143724163387a756852725f33766a613942667141735f6f686b4151696b4c6150554558435261353141484151366a756a6744764d51736a527a47505469336c527a73666b4542434f6b6e58314958436d4d714a386f544c4c62356a647559576551664c47594e46516e78497279477869363541647471346a305075584171596448526b6d7a464358475577453931454876634635786d4a585167534f4638307a516b564f4e77455f74476f4831684d6930335867464e50764277547734424b56656f4a67693558756467505639664145506c382d51536f6b5a5132386d496231526a75726b756242686d5f5f456c354a5a767a7a77506153613741426378787043516671795039626152387638687846434834335462526d4a706572425464697162786f7963425f6b6936736f73615656787742396c46394736374842526c5541386a59434f4a3674474d7034374242534b74666b6849466c794d795237377a67716857787774365f4d6970576c70384a7635596f516d4d4f65355048693842346a33695f68454d644754782d79486835387a4969596951597951724a366a73486173734d69764b4f6575392d6474574f615f4567676e4e56646e356a694941467732');
INSERT INTO public.jobs VALUES (1572582134382592008, 'bot/0#1', 2, 0, 0, '\x674141414141427244686e7a3457566a4e6943784e69394239767a71717a6130654a536b774231326266424c7069446b704d4b4a526e47646268523353333531346b5f767439433941754d3845466a5a43504b746a3252425f6a43385f6f6f6f5164347161415a4d6a6a6d6457676633365332796763304d5f39465573794a325f4a75786c46716578325f375f6876444b7549696b5359566a714258554d37484e61573647744a6369526f484b6f564b7a494746376d4c657a6b68514f6543306f5746424b524277716d635a59564b65727364742d5141754662643441326d5f313861634b3179304672674946736d586b4b43614d62515f485f5767724f6b4275437735356e55593759766b725f6d473144577649746f48776e385f38504d67636b325275436c796c45394152446a7a785630577737415466587959474e4234436a5a552d4e3543364656784c567a46417478734e314766364d33306870676765577a52367a5f6c5a6f4d7372414d7561766844432d6d6e346e5f474479505f465a2d375433514b6c4a6b31444d44314a70666e5759317a335f47614f6373367352396a6e625a47384859624a695472456f46693646476646633944644d5f34546571665f4c50787836676a454e4f42534d5750674f52564739482d592d4f62336d71705141676443754e6a31444e375877584462736e68707257654e78434a63656b776e335a68434b2d5956655a456b36464e5a6f6c57755967366f3070324141433879505370433664445762655053795a763859733569396e707a443359335256627373584b334e4c75695f34396e59445076714b58437530637a45323556617967334b7368382d6e4c5931586e5967314a596d665a484c456835694f54394677456368667831446248522d7a394e767a58724e4f5369492d30512d666f684a6b30616b4e70435237753659306b79576c485257487148746e3674637052436b477154352d4d6d39484a51564532504d6d385348446d576e2d4b7156327777704272325f794338447135376b4e74356c4853397937746431454b5239646142537957327a5646746f51706732593962792d6c796374514b6f59486178774976773d3d');
INSERT INTO public.jobs VALUES (1572582134382592011, 'bot/0#1', 0, 0, 0, '\x674141414141427244686e7a353233584977664850446f77767255637557416968556d555130684d556c6a476e5f73486139424c386e5252692d5734706a475058672d6c6f7630686c3732666f396d6e326b32415048346d4842644c54682d4b4367647044554347367779446b303064455f5859356e394a58774c44654a44346c5961736771586d6d46526f6e556263794a3154344e5064662d63705f784a56775a7a5774667670753145494f6844724c4c6176634331686a4f4f58464b6f6d33635a64506a556363565f4f47353741476f4a4a5473775638777162506339516b4434732d37524949535955445971456b694558574a4e457744325858475733514150415354566a316c6d5a52723356546331556b435530762d75547a414863454c58326c3038375f78594d317a644e706633542d67704d703667764b7942447531637936784a4f4d6e496c4e4c6632784e55635f2d4348474374334d48477648516450424735624142637a70574d4c586c5168387a71334d555561475f536130752d4b4a6d4e4c5f616936426a72756b5658304455584633324b6849364a686d323939593063596d726b444e54713563362d63616e7747376f707663634d6a6f4332674d487465313731346b6b7437616f78695975785875485a67735a36386e4963586d775f4c6d4f4e326c4a38714f7078646c76713476544a38456d48787246476c6f416837787a4f4352734c7069516855546c68645078647a6e78475f4c5a632d6b625a77635a7a51506c4e4e5539325631457178385a30626568615174445f6c6f31764d7a4a6b335a465933766b6b5332716279745a654838354143483167784358464c334731734b7539446339736f54383335476c6b4b716563706550306a7046726e352d692d49395f7642336162554845676f5a326b4b6c61564571644563594c423167625f6a38577254656a31556a33756342786f63677535634e774c576c362d4e4b4c664a424a663073333546412d4e6678335156596931463178636e6c49342d4e504a34774f6d75443448427a535545646c4961336a5070623239583047664848334e');
INSERT INTO public.jobs VALUES (1572582134382592015, 'bot/0#1', 0, 0, 1, '\x674141414141427244686e7a5f4756693655516b3541794e6c61453556355a47626846592d7945416e6e737248303353724647664e4862597963506236567764464d5168714679746135583457366d437156784f457a6941616e5145304d49484f3977506c4a396f694d4374365173326e67637863593279416a54626a386869644a4c2d7a6366636443386b4242646e612d45363479664f465f744537726535387852664258426b36763275477a346a3533567442674769776c6c4130776c4132644952486a7968556b736b52475a366e4b6635424441534f4e67717a474f54523963746d7a36786a6e436f777676346e64544168694557666c4a644648375a5f494565754f5536503130367a4a5f413172354650446147424f6a696b7759793966357249367a466931626272433167726b6158414768546c484d535a6544706c5a626a6c395734354c387077634a534a763167527543774a576d746b747a6e6262776747766f796b6f56623231366b6d47543474743447363934534c556f766d6e6f31455f636675345a634b55613958515151344a5a4c38774f6f697739422d4f67516466355a48556b7a653839305777517236392d575468663856703933516f7875764263397559304c7a734e384836753178644b6a71566a2d615972356534437271626d69506b64684744545079364251464631794d4f36545451444e5475706d61442d51686f324467685978424742614d5a6d6261547937366872655748486b5f52565f347567577a2d62456a53694c53666153427a5a4d74385162344a7238664f365f4677536d536c6f30714e394d5f366352324a3361664b315962677a35614b45665a622d4c68374a41653974394758314e315953486c47715a3052766b6f6f76484b486f3870517a5050425a4e584a36354a514b314e61466e6f657230744671692d4657736378567a504e4678363542784e7742444f5463656965316c6d6d39534f4b304431333943617a2d5a7269585049785f5073494c41753051355176786b32397a715f726249737949624b57362d6e7a2d45574d484f616c316b5855712d6a657546');
INSERT INTO public.jobs VALUES (1572582134382592006, 'bot/0#1', 1, 0, 0, '\x674141414141427244686e7a556c68744d566659457a432d31486962776a62706e625737682d4172496b4a41324378673837695265766a3339784544494b5f69456c354f6f6464522d6c73554a44323553374d63562d7249634b69785a376279763463364f447351326a686c4f4c456e547a57574a3966365862717452377a3039476238377450476d764e5a415a7a4459554c6338416f69745963427851695052535a4f7559305f79586c4570422d6b5252362d305933584e693679637469474a64563456492d4a65614b4755477242794e6c466149423246485f76654e3344357268797a49734e4c6f7876334c6f516b326347426a5059724e594463757531677666376b4e71666869636d787746383930635a63434a6d42507155463435463276444d36335532436a436f4634484c63516e7a4952317357627265354b424e4c4e467267676c6455534948537265633245486434536b52372d6a48557a507962566b5239486837393632374341436d556a5f42496a4d30576b6f563237476c395f3250547a5533495658376f4a6e536277584535706e7850654a334d53685f716874786e336d485575764347434749577035716f57452d68777141756864366d4b7977346552457463565f49534263734b3148546170327448634643376842326471326b4c73446d62774d526378573163486c657667646b614d6c74773267322d37453449566e45654f65734732532d66587166434a6c316b356d70723374425474456849626f346c346f334550694d5944775236444b7237386b6236704f586d744f50745345636a6f6575563070644f49797a4c6d794f4a7454305f7a717762784b5f37706e483465474e61384e7957506c7475387479546c505038526f5054625f58646f3267506f6749585353393233416368565a5f76524662446d387358526e306a3569705632652d48744c3639515350487a56482d5050556c495630374f59613748614b2d4e6b6a4670376e4374545238494764426c673156597a4c384b6d597178374164774c544467304c73317a7971615463697a536d6d6669686561485476354262793275');
INSERT INTO public.jobs VALUES (1572582134382592007, 'bot/0#1', 1, 0, 0, '\x674141414141427244686e7a3651316a764c7839626c50304b4c786e6261564c377a32496b5a396874344553323357754744397268694e613354317856533434484b6752416664524a7a68454c636b58334b366c63706348494e4b48546e6656636c5f336c44323750686e794b4149474b46796159734b48596f744b39566b7a414578445657434b4d6a58426636745f394c33734e3367703068634173746470366349546d764c62505569543768305545474d7a684b4449516131673931745378335a58575a5679753334383667436c5a76307864795530342d667a734136444b685632584e3573726562744e343356612d4e653374367575786730565a6867664432382d7975484c57434473644c5452636b62584356794d4261706357774a4245436330505253747a4a485341556251514154435a6b43686339312d3639476741627a4478494b4b525f5939387a36556743496a6c665954714d4759436c4f625a5068624f735050656c6a547a3238676a5664424d326a62333947446b6e6f436f39543144485733796f4b666348572d6d4b436c6578593657396a575746446936634459484765386e637634716b446966424278525f4c4341423135755854374870715a505265704443644d647a6b45486934426c4b66496c706f4d56315173534b6e70746d6847643370695a6c364b304c397a354e4961556531325631527750366361466c724a66596c7a7574625f7278495a76415843466745636d5363516e4938363630303133635457645f3943316d6164454c58744a50784e74344b532d59715038622d664264334d36457072485f73357339556c324a4148325a64756d6354573439674f62417a4866686f6d4972365a36614a5545795a6273635f6548736879375943735f7445477a4e716b53474358666d3043457470496b436470327765426765544c4a783659365f664b31726341374e3767333155587056446a396a79384e7465564d697643545135497a2d6b2d5841755a6c72714e6b47565447487230616b324154694531486d6445744d49614b327356473357464f72346a63584d6a53414a334c5a2d');
INSERT INTO public.jobs VALUES (1572582134382592009, 'bot/0#1', 1, 0, 0, '\x674141414141427244686e7a375736664849633653464856444e485f676264704f335a364a4d73414e396c7652576e686972374e464f74694b694253496e5249566751614451503530615a777a4c346c4575396c587077455466453576744d616c7562395663436a484750644e387a563363666b5134364b7336546e5347304c4b4e634d6c4b4158375f73675031693841766372725964437874436f384f4c41746b77585f4f37713436577847555159586a49706b553944456f4a644e30637563614c6a4831344173314c4c5454763454377961553948755656774d63325155766844786a425f514276424673644c66394e35505f4b4c4a39333941544d3848457479466b56384e4457506b6c4c4c514164424c424556554b47676d70454f2d6d79494e6558495a4a47644350644347725f4b5048334f49697245424342365367343746456a6761424947486333716e476b4b6e73546a5042686553363771366f6b6b735476367465724e77666d5f6178625252675f6d353634703838356d7372414446556c55543278746a55314759444339736b786279546275344f4e5154746d386b7152503848324278324843486c514b5833522d7067625978386a6657336f6d6738436b6e50716d776f656b702d455f6b4f64355f65486c6256434b474275765a3939536c36745a4f426a5864377a4962582d333071516368396e7743446e6e5047524f346457594b3765486f706830365359553665416b426a4a436d5a584d746e755838435470414152784f656571687068483957705556753639574c5251633338483972612d43774c574b576b52744f536e3165374d6262516b55463942725a577a7247646d64525842424441534e71774d3655774539624b78456c5343684c4b6a3835545668316e774e5978384139496e3863744d71536a596f44335f4c795a7445777a426559596d30676d4e756a6751726a38446b3948527a663446614a435f6b66694f5178776751694735366f646675655534397368794a5f5f684b6a416a75704e4c54667648313842444a5843694b37456576534b4e6c75504a756639683547354774');
INSERT INTO public.jobs VALUES (1572582134382592010, 'bot/0#1', 0, 0, 0, '\x674141414141427244686e7a42736b78522d774131424c336c7a7969564a697a6c50744c3442704457584741327a4d5f414b4e49355757317335685136356c77396154325f594673324f507663746a34797171516830337151623069366a3454624b6a6e6d6f54666a567a6a59544563565674324742384a694b636664574a4570587a4532713631785f73664b564b584a734b524264306945767236733938376e72414662444c6b4c62324c7576416f5f4861454d516e4456616662445556775f7875664e50335850646273324f615f6b6157424a58716d5a366e6447797a556574697449592d54594a636258334d5a4958476b69776463366f5a53735a7130586e46436845596d69625f5f7079627348316330724c49695a426b5a79756a485745344e314b3842343858636d59305766584c457443706550766153554f6858644a4d726b64435034315932384d5a66454164465347524c52673672657a4a742d37793364663558564d4e546a56612d55615f472d5342566f2d6e47356e6d774558567471584c7969326c46414c394d707056653650484141372d394d42756555595a704f59422d4971615054424c786c45626e33337851483653796c7656304a593337466d385568663074775249586c65495a574774675f59546359334561743955635843384546666e756d484d43514861747131466432496a50637677776464666b6664656b536e306f4d496f587a7053365a5075504a355f496c4e52536e456a353939676c386373786652666365353645517152725a6273305072595133645571367079775a66317038715462317347394f693036716d525a5f7871696a3970686e4a34724242556a57656c7a6e4f4b53484b565f6b5776484164464a666964384a364141484f4d463267476c6a394b6a76484e4530776a6f796f7946597a56532d48535f7273324c396e633269455465424f515f6c504946654a417a644d6247435173482d535978677159384f6e4f7438774452696967625142764b537437344a674453585a77652d70705f6237666c416f48657161767472686c4544343769676d7939345f352d');
INSERT INTO public.jobs VALUES (1572582134382592012, 'bot/0#1', 2, 0, 0, '\x674141414141427244686e7a7055687978342d4d3865426e5f4e44514d45646e4f475a534957396932545a344364584b6b455175687a4b3149486f454638306a37543454384f76544d44617872704966504f6b6f31336b48705f73514855674c56484a4950415f6574494c66534676305061324c4e32775a48786477485f38546677726c70412d6151557254726d666f677461767537613268543562577134494a30704a4a43623563314844586679437169444d41435a366c5762636f3978774c50664d32507159615a6961583363704b5859714344444b5935496462694156375f4e746a4d4b684b786d4a576c496d34576a34644178654a37587a6c346c7a4b575f394258596b453652424e675f776853644331383259426e584d6f667647745a367675576b525f324f35305662447971593547473365552d586b7058534f4950693367724b2d614d7267574f735472744c737a756c4f30302d6e4c4f79357577456b587731654b774c7a5a575475575267774f3779647a7545584c4c4a48667645726868316f5567446c79744148623941305a6f323963566348596d613241796e45336e43456659714c6656564c4b65346b567a786c3859554d5a6a744e2d784a6f33686f2d2d534344616939446c4b4a7138554e6e364f4b4e65324c6c666b6473385357516c7172686e6c5a68325855632d496456754a4539594d4e7770434435724630445534726134335a7356566f6c705f745232376f484739315f6a7541585a7a317a4c4a3050746d615258783575454b7833444479375476715351666b664756644f50424862454a624b394170344a7a6b5356306a50446e724a79355849646d6f666f4f425246445039676d5f7937353175454334796e5764302d4a363643646a50306b755469514c434c424a5976762d78592d48626f436b495a7944446e50796a415761745879524c526c6a35533273303564352d4279797974574f4a5a4b396c41355f4279753367706f62456d5353765a67416c49677274577169615f72445972324f485f647859692d53666442634e7157744441665a56364d795a566336714a677771');
INSERT INTO public.jobs VALUES (1572582134382592014, 'bot/0#1', 0, 0, 0, '\x674141414141427244686e7a72776549564f38707579373255743369564957365674306e6c45774e7a3968504f315a51415376643430736c6169455f6c57536870505476724274706a713830444c544458724f53643668686643462d764b6479486e743663424554634565424c337835486e63624c44656c755953624e7373326a3556743959732d384e596456724236615163437639326671703743415a4e7334615156382d79704b4b445571774a676754557373594e61573253554236625875556549546a5349496e3057526b6b4b6232753564587a34643945386b635079636a6f4f65377064546d417152314f6a6a75327774524571366d524746674472454c464d307338794a586c7336753367393847374e63324273564475325f4e42473231464d44646b76646c38424d42706a6333544c42697671686f68624c4f7036356d4379784b66426b424743756e54726b2d6b7a6854314a622d375874727631306168766e5958656f75343432386277697250516a686952716c77316171635f75756d64737a56395a754b61755672764d463456474355674c5f62386e67427130416d7973746a5a65535565525a33657034746344784c3834737a3175356a466e574a41556151617139544f3935684659435532474e6774786c486463495136494c3256494656713878356e47586d3263474c6a67674d6f7a566871586f35665f363064533057486f44596534554171675149552d4a5936544c46393036434c356c44345a4c71533767657567565a664b695f717a4962785147314b3570756f35427639577933446566704e4174794d6b31306c6c3255553070344533457a516338715246536c584b706259423430746e794b39774d466d61425a7a65503868536b71777a32715a43534e387579366377782d4a6f6244784a375856735a787a694e613462325a356873567146444b5f4d4b38757352387938435469597a6b5858387a39475138574271636e7a334b4a4c7175366c6b44664f666d6b4754765962646d6e6c74434c624458616c32504d6c30382d4d33503251344d6358385368545774644874774f487a61');
INSERT INTO public.jobs VALUES (1572582134382592013, 'bot/0#1', 1, 0, 2, '\x674141414141427244686e7a52494858366177636139595142543156704b312d65547634752d30574744436a494d6a4b4766704b56774a6a734546506b5f485a725f57363475334e2d75715757317346414a796b4f415666513067476631322d746d7248474f6a51787132533830426a337269466d4954696e3230336e6c75364f474956767568742d566f4d5f79566d4b49697348536f6d5579366f594872434357764b464251615337516d5569736d5846365162342d33494c39717273585553673554346e5931447134563532784b675f33436f76772d54424930704c6f6b6c506b706c702d56677151466a4d435f34496e336d645f634338644e574c31794761336f6f50795531784a33414d344879454437486e4c7634396e5f7a3379654267516a53745a4f7844735a63653235593335794351577846445f6955587644594f35596648413977766d58763779554a4244644356516d4e777a6e47365f31794f666b5255336e686f7565676b64323431574a58685430664849524e4f486f393667363738455a4c524735317a4c354c4162734161645f30636453597a4834645f686444517936666b7a754468676a6554564b71713431337668343251545f39356a70515335345243757659796e7653766c314b5264654662774142623050794763423054326f594c2d386e706c6174737a5366486d4f4b713457486f52616c4a6163525856554c6749337373425468725276524a4f4f4a556a6b376f79446d636a62783454652d7874786c46376e4c304a6b6f7163764f3837587238754a49305a37734b637a5250626f6767667833693579495663705a506a7a4130416a623332665f346c5f6c44494d6b7a4141646457565135752d56585f693057444c6d71393743495445375750534e36756f384668725844695f67474d6f457745507a3075336e684835306730434d49384c51684548766b75737474505033564a6566324a5a517255736d792d51714e785f45424a307544336e39776d65663474453330446c623262617a6a71464a62665935427453714a4b544e66477872705472376e39735a66545273656735');
INSERT INTO public.jobs VALUES (1572582134382592017, 'bot/1#2', 1, 1, 0, '\x674141414141427244686e30734b69756c343931506c495247676b5549326d7a4e5355374664656f77342d304c39356d5a59547a5a6b324a7a467952626a374354706c50354e4e6466685541436a4873365971365251445955655a5841776d564c7071506e384531634e6e4d434b7657475a6f345632707231785066675a735a38797372306c6d72576f32614d6d6476346d30656f5348542d674a774c6754712d7875785148737a4d514c76594347584c7358496766574b3568456a4734373668774c4a38664e48615269756a5951703265595f2d326e34377a63303361707052757a6c52486271473278396430334d72412d73744f6970476575514c6a345f356b7a7a4d356154784a534141544744535963646373395275616d4552724e30514c4437593831464573354c4b6776324936667644414c4f354876566534674578317459784b7669696569305f435f4455555434344f554b32346675786d4f386e4c5a5a3955552d47773578307062507a4753337463444c50304c5a685773364a614c424e6953726776373864365f376459635a6350556b734a56667268575363337a3974496761422d6e6d366835614d36696979652d306b453661624f69624547446e3471353372745432356c4e656a4257713772576c4e68685a735f3474395949574351314c6e78595a72664f68704369676531487938325331457a4352746656346268456c6a49637353565f7a44497050503142694d6b5638737968416f6c51415433577251346546684f51587858534f566651536461456349674f5f51706b344e723544417a334b32682d73496f30724d5f455f39646c5242635f4a4c316b76533471737a49485f72372d4968354c554173743476426c5645464c37736d4d62794a6b6d415564587351644562487157426a356552374459383767454b5763755167376443584d764e4d766537717a4f7a3756613079643576524e49707a6358364370786264535374795032566d4935716e4567314547664d4c2d613731377046514953624756474a48467573364952586e53415f56743030534e4f537846504c64476e49677576');
INSERT INTO public.jobs VALUES (1572582134382592016, 'bot/1#2', 2, 1, 0, '\x674141414141427244686e303942756b786d395f78764c456b6c722d4c6f463756594f51336373354376734d79334f6930446e61324846466d2d3061733167502d6d69426f47554b357a483157535a2d4432635133484836695a6765706f3559467a6f7a455447376f6a393767765f6c71364b7530513272337679314b694164465f6d36473956584f4a6a7668614a556b674c5766306f4b5f63796d55326a73633170325a73506278435979467139355a42356c625f7964644e2d41307132425a7a336e6d7a676e45546561464869514a374f73662d6d4b70374e52634d784e4f73534a4761424e2d4e697a416349382d44504f6a6154526c39775451376c2d3566366d426e7634546e386f73574972324a514f4f313230425661374e6e654451614a675374754d72654c6c7a457636317a57394f5143356a566763614168626a6a5135563749306d42414b5159456a447058552d493342314e305f67654f4f49673136757a49366d365479706b63377349706b4b455275663532386f4f54394d6b553466416e6a42645f7432764f5f35674e6d3250744d714c2d735753575543397a4537643536317259596b38784f656335746371354566387850525347653957435138415a4a67576b61656368336244354b2d706f74575458457a356d354d3147667762476b497953484b6f67345745314a54334c6f31613877347268416c6b742d78736a4553713763646e626e557a4e4c734c4e4e726e5378366c316451765834386c446a5a5a6e4d6c3756394f643849576d754167504c435f3555443158735573484130695a363258774a6d555261564954516241502d5f324d706d66774e443946434d7350336b63566c75577957797770354d70713242587145746d5a6f6e78426142584e3935416d7566493439544b6f3978575f424e46526d5637546459312d4872564e654630755f772d5a4f30554245704b5a6548444161524e30335979726d595165302d3378465566633764694447635654346d2d5f476831526d6c6236726f6f4a676c71394f78493643734d696e644f42654c4f386c4d564472336659523472796e4d');
INSERT INTO public.jobs VALUES (1572582134382592018, 'bot/1#2', 1, 1, 0, '\x674141414141427244686e30575a6877644e626a32696a374d6f3038342d39557736316e576b4b337934317041506236395570506674654d58706c662d3662706d474e44442d3036457951576530784c47485a4c43364463713067655635467a6363615f5450564d50334b3536427a7a31314277665671557536426d36594a544e537435644b36666a6935326a625856774c4e3041756c7a626a5a4930504d46597669514a46744c44655471693874675a37484862783666683066484943776b4578366b6139424c77436c2d35356253322d46306f597261364a506667674a496d5938625571506b526f705a694d574857492d307632457863427642584d6a63732d4e4d57324c4b2d5341757a623153725f6666532d5177754b4c743656625f6f7250354b6367624c61514e5977703366564a3243695f425f664c334150345046425a317271444f3261584e78654850364d343569636935797a7a41454a6a5f70573833564a6c574d61555255796e33526d6f306c4e30617543517749703464615346657159665f54796242354968356d454362425530645f2d6d7666536b32785f324b3252383052664a4d6a335269634f4975306a674648767a45563464544239646e4d782d79656a77357a62647332625073744e58504e79483531514e69486871534d4f622d616d30347344786c704f4f6d573136573646304e59506e515a4474425865646f36455f484e30314f7445386e7759563154744757377077674474794d7931306d7175483137786238304b34515343656f3338414968424e393642574e4d5876632d4d52394e6d48324f43694976305335566a5f7a4f4c62716d5f623941304747334233595870673176596841686a50424e6f6f633838534b533256705f4f33766d4534413654484d48766773654570334d356f3751434f5f454e56694f5035374f4c54355a6d4673415a684d513533494b55664f75384344435f346d674b6b6a6b557a786a4161307751425569443470615a626269326575677a4e6d323839726b756f514b5f4978656a45424f524239787a6e397559794555524a72346f657a6e715f53766672636a455a366c4a665934673241386665624e413d3d');
INSERT INTO public.jobs VALUES (1572582134382592021, 'bot/1#2', 1, 1, 0, '\x674141414141427244686e316378782d4b6830466e6d7a626a6b347a535744785878795a746252485368657876413278533672593148324e4c714270374673665454555976415f5f2d716e4163786d456673617144374e4f6878416270615451463373746c724b41506a76336743777432656b417739366738685a782d7a416f6743635170336765705047783763764e685739454b39493563743565417a684239647545624c536c5a5a715f335f7235336b4b706b4f58442d4b2d37705f68596e6b426c5a716155376770734f684d666b2d746a514943325056694b4d73486a7558766b6c656244455f306b434f572d363364566a2d416d55694f326e484f313979727a734743336d4266763742526164417548625068544879732d3130574b46457130377951305876563969614f6c476f304162424f545f715530524e76716d57446364654d5a694747355950312d46786a56645451543636616d3646736f576e656967752d554b61754354424651524449534b415679324a6d6d4379564b615061384a73336a785f4434435469365a357a7673574b4b745278696f766f4a526a6f38634d644a4665345753384944326d3331614635416c3430652d71614869703331357073375a646a69615f6932695f615f365347325854635543356c6d6532535830684f626c7158313442634f2d35434a6768424d535747706550544e465774384933454d572d5f4c314a35504572756a6351456c796a527561563570655759776e53647058535236354b36746a6c49366357484148316c5438705f2d7042545a6a68447069377249504f457971336c454a67693061646f7362752d6b6b376f594b6835444e44484e354c524331305f6958485a365635784b3031365431364767682d646e4c377771644543675a4d6c474a305f68484b57444d4e66466a643943684361317a532d434c79766f676c75427846586b7951506935615841514a4555325a5474645a41334f684c6a774b7459615f4351534c435f48584a64657931536f5648597a4d356335756b6b766e4953396d756d585146476f6439384b732d536958436d706f37354d5a687948594c47447667476934396235577a6b31513d3d');
INSERT INTO public.jobs VALUES (1572582134382592022, 'bot/1#2', 0, 1, 0, '\x674141414141427244686e315a627976664c4c6a387846654431416b4e53416b5a544c775349353039566e5f30564671464b476e547835516a6151504b364f6c734161434645316c2d5766334f6358683657756f436e4b574d494d426c2d5244667a466263374443667a6354574473564b43424c37536f5670746746677a75716d797938586648463130504f5146317446395a4d3164446e55464935424347487868713863656566454433542d6e6575434d767549553278484c454a6f63776a6c51776141424a543879484a506379654f53545a54766570706e4570494a6249416373596266456778427448794666636c6d4e683664386c34395f62453830353368464f787856383177714773524635677972447267524f61776f625543776f6c4374426b7248636b573479644f4275334248714462787a34394d797437696e5577357a735a48334c79524f30306f4f785666667a31425172775268584a6b50414631346144476e6c495859595a5337384344706b54395166627771627365575a664c4176664b566e6e4139684a4e50424c3766426f4f792d486539376e7442664f3965664a4f53525742535951475a435a51796531742d5f7a6e505f54542d3536544c68354e75513267304d4237793147556351755169746972676a45576f677a4239726a4d4e782d2d396a30425052674f3043734f705f536b4e4374756f6f79643631673137446f4a456f57755f7238786d53634653317459764d58335831536e6c627a48546a445f37304c436f623461375945467950496d396f32567678467243664b4b4579316773566e546f54324e56337878556e4f5a6f6941626d574645716a587357596a5745704e6c6f6f336b584c494d36666a535f304850734779527337656f636c3257724a4f77706b577870535f47346335563834616f4b4b53764d6f566c7834744b7050663265474b6b583355707954544375677549686c66436a4b43626d50376f44714c4e594b47726d3038464f416b756b4a466d5959627443784c7847394a7a77644e34644d37487259394d425333713331656e5437593147656c656973754b39');
INSERT INTO public.jobs VALUES (1572582134382592019, 'bot/1#2', 1, 1, 0, '\x674141414141427244686e3034476e477135545439616d7873766e6c6d6c79584f2d6635594f4c574f336571585f6d507155365741454f5f794d683141364b6543303874374a49706d707769695a59786e66473437594b503438784f523954624f6e4d716b344b3773394f6f53736a394a784a71524238355f314f645f3239465770765a5464684e6339522d46535774474976444d486e314e5634634a3677654749304755436a71454974624154496a7050476663656e70656864506c323468724f4e566d6877507a465f67646f7a4e74306c3542325044314476314c4f6c726d61775667314358556b39656e46565457424a507a6d5867433867746752574b6d5a53425575737a4e3639355152772d6b376131344255334868644936462d585f6b354c4a5a436f5430655773535f414c555947313779494d6257554b6557343170616a69505454773359796b316132525443314e45417370776f4d744e42573736653055364e644f745a6d555a30783976514e7a7946386b64686d424170565972776e7a7157504a6459573345797a4a525443766c4d722d79383163727675676e326c39526b51436b7954467976485f354f426c743739514142415457763350494265346547473442776b627548474f326e5f6c595937307556305152315f492d6b6b5378516a4a5277772d79646131384e5354734a4c764f582d336363703636684d46486d34645761466e6d56735f43384e2d4479684774743446693674717670644b6465395a345538364a365a305f577375696d42437756596e6e753372644c6f44306e4b446f5249586532534b57444f643268564256746c48344c534d49777a386b4a385954326a4c6751436736793069576d757042386d582d47705362492d574e6e5073764d5144304c736675775f51396f7168436847725f55665a6f586331796d384f45764554763366686c74584d616b67734b6f7a5a77724358454e693477746d4239625151763946617a42327768726b5275597169517745734251355239775a79446979504d666d534567365635463738325256487830574c4574766476636c6232586d');
INSERT INTO public.jobs VALUES (1572582134382592020, 'bot/1#2', 1, 1, 0, '\x674141414141427244686e307a473649416b344865344b7a53496a6f596d3154797941374438444361795633735848737078336774574a7135686537732d724a7a6b3945485037444772505f776a4361426863396d5758444b4a485a4b4275302d7a536e47627070385248736d307a34535078485a39324e674f42644f477836795170476c6a6d7a44326c315642735f495263694d54464c6e56675263744c70456b4856666a513054715374304a4363716162483877336476664430515436434c4a423653367264436638516c48416a7750666c4e4f716f386e4f775250434c32394c58796f37474e7a4b474961374a706b4b5a314978666d664639775171757371563245466e3449466c76747053566646596761314c346c343532775273514e45534a524b364f316e734150306f6337546e7745637a6a5a513241304c326b796b55754d6d5056496e576f7043614959655a786d6f7376566870425252324c664561577166676a3267494b775f4e346f4f3752314156386c3342474430567a6e6d5033566b6b47566a4176685069304d456e516141345475715f4d7753683332674e48745247464559396d73527642494341317741565f7676586a3879615442634f306b5638434878495242464d6b4e46686b4163315a757231674c4a726c4742457a366b7450575f726668566f54494f6a467a7a52726b38774a4d633141797330427655367756796a5a4e6b6f646974555a71646b74554e414a7765467271514e4364395f7372636d573274596f726d4d52313158364e744b7777654a7254634948647478587071454132667a3066465374644e765648417065563735777361544868302d5964536943684570637a386e527a4b4f685a4e507467487250643833414768633575543751723958624d514b497a4d4452682d63675f7a3848686861417a375a4f384e6a4c576a5a766e534165484d6e465a36347151446e4c42426e695145652d61377455414d71444858787a4d5145666242744f757a524b79335a6b554844505372774a454645444a4463734731476d57446b553174496b754262442d4f4b30694c5579593139494278614e54765847646f424a6a6c357237673d3d');
ALTER TABLE ONLY dbos.operation_outputs
    ADD CONSTRAINT operation_outputs_pkey PRIMARY KEY (workflow_uuid, function_id);
ALTER TABLE ONLY dbos.workflow_input
    ADD CONSTRAINT workflow_input_pkey PRIMARY KEY (workflow_uuid);
ALTER TABLE ONLY dbos.workflow_status
    ADD CONSTRAINT workflow_status_pkey PRIMARY KEY (workflow_uuid);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT pk_blocks PRIMARY KEY (guild_id, member_id);
ALTER TABLE ONLY public.changes
    ADD CONSTRAINT pk_changes PRIMARY KEY (id);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT pk_counters PRIMARY KEY (guild_id, member_id, unit, period);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT pk_entries PRIMARY KEY (job_id, phase);
ALTER TABLE ONLY public.guilds
    ADD CONSTRAINT pk_guilds PRIMARY KEY (guild_id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT pk_jobs PRIMARY KEY (job_id);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT pk_notices PRIMARY KEY (member_id, guild_id, job_id);
ALTER TABLE ONLY public.rules
    ADD CONSTRAINT pk_rules PRIMARY KEY (guild_id, target, target_id);
CREATE INDEX idx_operation_outputs_completed_at_function_name_v2 ON dbos.operation_outputs USING btree (completed_at_epoch_ms, function_name) INCLUDE (application_name);
CREATE INDEX idx_operation_outputs_retention ON dbos.operation_outputs USING btree (retention_timestamp);
CREATE INDEX idx_workflow_input_retention ON dbos.workflow_input USING btree (retention_timestamp);
CREATE INDEX idx_workflow_status_attributes ON dbos.workflow_status USING gin (attributes) WHERE (attributes IS NOT NULL);
CREATE INDEX idx_workflow_status_completed_at ON dbos.workflow_status USING btree (completed_at) WHERE (completed_at IS NOT NULL);
CREATE INDEX idx_workflow_status_deadline ON dbos.workflow_status USING btree (workflow_deadline_epoch_ms) WHERE ((status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text, 'DELAYED'::text])) AND (workflow_deadline_epoch_ms IS NOT NULL));
CREATE INDEX idx_workflow_status_delayed ON dbos.workflow_status USING btree (delay_until_epoch_ms) WHERE (status = 'DELAYED'::text);
CREATE INDEX idx_workflow_status_failed ON dbos.workflow_status USING btree (status, created_at) WHERE (status = ANY (ARRAY['ERROR'::text, 'CANCELLED'::text, 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'::text]));
CREATE INDEX idx_workflow_status_forked_from ON dbos.workflow_status USING btree (forked_from) WHERE (forked_from IS NOT NULL);
CREATE INDEX idx_workflow_status_in_flight_v2 ON dbos.workflow_status USING btree (queue_name, status, priority, created_at) INCLUDE (application_name) WHERE (status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text]));
CREATE INDEX idx_workflow_status_parent_workflow_id ON dbos.workflow_status USING btree (parent_workflow_id) WHERE (parent_workflow_id IS NOT NULL);
CREATE INDEX idx_workflow_status_partition_dequeue_v3 ON dbos.workflow_status USING btree (queue_name, status, queue_partition_key, priority, created_at, workflow_uuid) INCLUDE (application_name) WHERE ((status = ANY (ARRAY['ENQUEUED'::text, 'PENDING'::text])) AND (queue_partition_key IS NOT NULL));
CREATE INDEX idx_workflow_status_pending ON dbos.workflow_status USING btree (created_at) WHERE (status = 'PENDING'::text);
CREATE INDEX idx_workflow_status_rate_limited ON dbos.workflow_status USING btree (queue_name, started_at_epoch_ms) WHERE (rate_limited = true);
CREATE INDEX idx_workflow_status_schedule_name ON dbos.workflow_status USING btree (schedule_name) WHERE (schedule_name IS NOT NULL);
CREATE INDEX idx_workflow_status_started_at ON dbos.workflow_status USING btree (started_at_epoch_ms) WHERE (started_at_epoch_ms IS NOT NULL);
CREATE UNIQUE INDEX uq_workflow_status_dedup_id ON dbos.workflow_status USING btree (queue_name, deduplication_id) WHERE (deduplication_id IS NOT NULL);
CREATE INDEX workflow_status_created_at_index ON dbos.workflow_status USING btree (created_at);
CREATE INDEX ix_changes_guild_id_id ON public.changes USING btree (guild_id, id);
CREATE INDEX ix_entries_guild_id_member_id_at_ms ON public.entries USING btree (guild_id, member_id, at_ms);
CREATE INDEX ix_jobs_owner ON public.jobs USING btree (owner);
